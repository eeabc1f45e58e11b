//! A test that runs as a process of its own, of which another test sees each call to the system.

use std::{
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

const SCENE: &str = "LINLI_WATCHED_SCENE";
const DIR: &str = "LINLI_WATCHED_DIR";

/// A call to the system, at one of its ends.
#[derive(Clone, Copy)]
pub(crate) enum Call {
    /// The thread is about to make it: its number, and its first arguments.
    Begins(i64, [u64; 3]),
    /// The system has done it.
    Ends,
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

/// Runs one test of this program, by its whole name, as the process that is [`watched`], and tells of each call that its
/// thread makes. It waits meanwhile.
///
/// # Panics
/// When the process cannot be watched, or fails.
// Where the thread that is watched is the whole process, `waitpid` has waited for it already.
#[allow(clippy::zombie_processes)]
pub(crate) fn watch(test: &str, scene: &str, dir: &Path, mut tell: impl FnMut(Pid, Call)) {
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
    let mut signal = None;
    let is_all = thread.as_raw().unsigned_abs() == child.id();
    loop {
        if ptrace::syscall(thread, signal.take()).is_err() {
            break;
        }
        match wait() {
            WaitStatus::PtraceSyscall(_) => tell_of(thread, &mut tell),
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
}

fn tell_of(thread: Pid, tell: &mut impl FnMut(Pid, Call)) {
    let Ok(info) = ptrace::syscall_info(thread) else { return };
    match info.op {
        libc::PTRACE_SYSCALL_INFO_ENTRY => {
            if let Some((call, arguments)) = asked(thread) {
                tell(thread, Call::Begins(call, arguments));
            }
        }
        libc::PTRACE_SYSCALL_INFO_EXIT => tell(thread, Call::Ends),
        _ => {}
    }
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

/// Has the call that just ended answer a thread with an error, whatever the system made of it.
///
/// # Panics
/// When its registers cannot be written.
#[cfg(target_arch = "x86_64")]
pub(crate) fn answer(thread: Pid, error: i32) {
    let mut regs = ptrace::getregs(thread).expect("it stands");
    regs.rax = i64::from(-error).cast_unsigned();
    ptrace::setregs(thread, regs).expect("it stands");
}

/// The same on the other machine.
///
/// # Panics
/// When its registers cannot be written.
#[cfg(target_arch = "aarch64")]
pub(crate) fn answer(thread: Pid, error: i32) {
    let mut regs = ptrace::getregs(thread).expect("it stands");
    regs.regs[0] = i64::from(-error).cast_unsigned();
    ptrace::setregs(thread, regs).expect("it stands");
}

/// Whether a call writes to a file: to what is not the standard output, nor the standard error.
pub(crate) fn writes(call: i64, arguments: [u64; 3]) -> bool {
    matches!(call, libc::SYS_write | libc::SYS_pwrite64 | libc::SYS_writev | libc::SYS_pwritev) && arguments[0] > 2
}
