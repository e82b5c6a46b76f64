"""Make a system call by the numbers of x32: 0x40000000 and more (here `unshare` of users)."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
print("breach" if libc.syscall(ctypes.c_long(0x40000000 | 272), ctypes.c_long(0x10000000)) == 0 else "refused")
