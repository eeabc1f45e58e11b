//! Every moment at which a kill may come, and what it would leave on the disk.
//!
//! A test runs as a process of its own and is stopped at each call by which it changes a file or a directory. What a
//! kill leaves is what the files hold then, so they are copied, and it goes on: one run shows all of its moments. Power
//! cuts, which leave less, are not shown by this.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use nix::{
    libc,
    sys::{
        ptrace::{self, Options},
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::{Pid, gettid},
};
use tempfile::TempDir;

use crate::somewhere;

const SCENE: &str = "LINLI_WATCHED_SCENE";
const DIR: &str = "LINLI_WATCHED_DIR";

/// Copies of a directory, one for each moment, in their order.
pub struct Moments {
    /// Where each lies. They may be written to.
    pub all: Vec<PathBuf>,
    dir: TempDir,
}

/// In the process that is watched: which scene it plays, and where. In any other, nothing.
///
/// # Panics
/// When nobody watches.
pub fn watched() -> Option<(String, PathBuf)> {
    let scene = std::env::var(SCENE).ok()?;
    let dir = std::env::var_os(DIR).expect("a scene has a place");
    println!("thread {}", gettid());
    io::stdout().flush().expect("somebody reads");
    // Whoever watches is ready once there is a line.
    io::stdin().read_line(&mut String::new()).expect("somebody writes");
    Some((scene, dir.into()))
}

/// Runs one test of this program, by its whole name, as the process that is [`watched`], and copies `dir` at every
/// moment in which it differs from the one before, the last included.
///
/// # Panics
/// When the process cannot be watched, or fails.
// Where the thread that is watched is the whole process, `waitpid` has waited for it already.
#[allow(clippy::zombie_processes)]
pub fn moments(test: &str, scene: &str, dir: &Path) -> Moments {
    let copies = somewhere();
    let mut moments = Moments { all: Vec::new(), dir: copies };
    let mut child = Command::new(std::env::current_exe().expect("a program"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(SCENE, scene)
        .env(DIR, dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let thread = lines.find_map(|line| line.rsplit_once("thread ")?.1.parse().ok()).expect("it says which thread");
    let thread = Pid::from_raw(thread);
    ptrace::seize(thread, Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_EXITKILL).expect("it may be watched");
    ptrace::interrupt(thread).expect("it is there");
    let wait = || waitpid(thread, Some(WaitPidFlag::__WALL)).expect("it is there");
    wait();
    writeln!(child.stdin.take().expect("a pipe"), "go").expect("it reads");
    let mut before = Vec::new();
    let mut signal = None;
    let is_all = thread.as_raw().unsigned_abs() == child.id();
    loop {
        if ptrace::syscall(thread, signal.take()).is_err() {
            break;
        }
        match wait() {
            WaitStatus::PtraceSyscall(_) if changes_files(thread) => moments.note(dir, &mut before),
            WaitStatus::Stopped(_, sent) => signal = Some(sent),
            WaitStatus::Exited(_, code) => {
                assert!(!is_all || code == 0, "it fails");
                break;
            }
            WaitStatus::Signaled(..) => break,
            _ => {}
        }
    }
    if !is_all {
        let ended = child.wait_with_output().expect("it ends");
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    moments.note(dir, &mut before);
    moments
}

impl Moments {
    fn note(&mut self, dir: &Path, before: &mut Vec<(PathBuf, Vec<u8>)>) {
        let mut now = Vec::new();
        read_all(dir, Path::new(""), &mut now);
        if *before == now {
            return;
        }
        let copy = self.dir.path().join(self.all.len().to_string());
        write_all(&copy, &now);
        self.all.push(copy);
        *before = now;
    }
}

/// Copies a directory with all that is in it.
///
/// # Panics
/// When it cannot be read or written.
pub fn copy_all(from: &Path, to: &Path) {
    let mut files = Vec::new();
    read_all(from, Path::new(""), &mut files);
    write_all(to, &files);
}

fn write_all(to: &Path, files: &[(PathBuf, Vec<u8>)]) {
    fs::create_dir_all(to).expect("a directory");
    for (name, bytes) in files {
        let file = to.join(name);
        match file.file_name() {
            Some(_) if !name.as_os_str().to_string_lossy().ends_with('/') => {
                fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
                fs::write(file, bytes).expect("room");
            }
            _ => fs::create_dir_all(file).expect("a directory"),
        }
    }
}

/// All files by name, those excepted that hold nothing which outlives a process.
fn read_all(dir: &Path, under: &Path, into: &mut Vec<(PathBuf, Vec<u8>)>) {
    let entries = fs::read_dir(dir.join(under)).expect("a directory");
    let mut names: Vec<PathBuf> = entries.map(|entry| under.join(entry.expect("an entry").file_name())).collect();
    names.sort();
    for name in names {
        let path = dir.join(&name);
        if path.is_dir() {
            into.push((name.join(""), Vec::new()));
            read_all(dir, &name, into);
        } else if !name.to_string_lossy().ends_with("-shm") {
            into.push((name, fs::read(path).expect("a file")));
        }
    }
}

/// Whether the thread is about to do something to a file or directory.
fn changes_files(thread: Pid) -> bool {
    let about_to = ptrace::syscall_info(thread).is_ok_and(|info| info.op == libc::PTRACE_SYSCALL_INFO_ENTRY);
    let Some((call, arguments)) = about_to.then(|| asked(thread)).flatten() else { return false };
    let makes = |flags: u64| flags & (libc::O_CREAT | libc::O_TRUNC) as u64 != 0;
    match call {
        libc::SYS_write | libc::SYS_pwrite64 | libc::SYS_writev | libc::SYS_pwritev => arguments[0] > 2,
        libc::SYS_openat => makes(arguments[2]),
        libc::SYS_ftruncate | libc::SYS_truncate | libc::SYS_fallocate => true,
        libc::SYS_renameat | libc::SYS_renameat2 | libc::SYS_unlinkat | libc::SYS_mkdirat | libc::SYS_linkat => true,
        call => is_older(call, makes(arguments[1])),
    }
}

/// Calls that newer machines do without.
#[cfg(target_arch = "x86_64")]
fn is_older(call: i64, makes: bool) -> bool {
    match call {
        libc::SYS_open => makes,
        libc::SYS_creat | libc::SYS_rename | libc::SYS_unlink | libc::SYS_rmdir | libc::SYS_mkdir | libc::SYS_link => {
            true
        }
        _ => false,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn is_older(_: i64, _: bool) -> bool {
    false
}

/// The call that a thread is about to make, and what with.
#[cfg(target_arch = "x86_64")]
fn asked(thread: Pid) -> Option<(i64, [u64; 3])> {
    let regs = ptrace::getregs(thread).ok()?;
    Some((i64::try_from(regs.orig_rax).ok()?, [regs.rdi, regs.rsi, regs.rdx]))
}

#[cfg(target_arch = "aarch64")]
fn asked(thread: Pid) -> Option<(i64, [u64; 3])> {
    let regs = ptrace::getregs(thread).ok()?;
    Some((i64::try_from(regs.regs[8]).ok()?, [regs.regs[0], regs.regs[1], regs.regs[2]]))
}
