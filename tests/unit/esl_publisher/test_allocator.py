"""What is large goes back to the system. In a process of its own: the limits are a process's."""

import platform
import subprocess
import sys

from esl_publisher.allocator import LARGE, give_back_large_blocks

MAPPED = """
import ctypes, sys
from esl_publisher.allocator import give_back_large_blocks

class Mallinfo2(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in
                "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Mallinfo2
if sys.argv[1] == "told":
    give_back_large_blocks()
table = bytes(8 * {large})
del table
before = libc.mallinfo2().hblkhd
tables = [bytes({large} + 1) for _ in range(4)]
print(libc.mallinfo2().hblkhd - before)
"""


def mapped(how: str) -> int:
    """Bytes that four large blocks have mapped, after a larger one was freed."""
    code = MAPPED.format(large=LARGE)
    ran = subprocess.run([sys.executable, "-c", code, how], capture_output=True, text=True, check=True)
    return int(ran.stdout)


def test_large_blocks_are_mapped_also_after_a_larger_one_was_freed() -> None:
    if platform.libc_ver()[0] != "glibc":
        give_back_large_blocks()  # does nothing, and no harm
        return
    assert mapped("told") >= 4 * LARGE
    assert mapped("untold") == 0, "glibc no longer learns: the module can go"
