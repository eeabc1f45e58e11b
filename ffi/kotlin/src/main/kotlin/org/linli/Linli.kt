package org.linli
