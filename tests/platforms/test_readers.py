"""Each reader says what is wrong with a library, or a package, that is broken in one way.

Run by `bindings/platforms.sh`'s Python, with `bindings/platforms` on the path, when all is built.
"""

from __future__ import annotations

import plistlib
import shutil
import struct
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path

import binary
import lief
import xcframework
import xcframework_reader
from apple import FRAMEWORK
from table import Platform, platforms
from toolchain import target_folder

TABLE = platforms()
NATIVE = target_folder() / "native"
GENERATED = target_folder() / "platforms" / "generated" / f"{FRAMEWORK}.h"
REQUIRED = binary.functions(GENERATED)


def library(name: str) -> Path:
    """The library of a platform as it was built."""
    return NATIVE / name / TABLE[name].library


class Libraries(unittest.TestCase):
    """ELF, Mach-O and PE."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def broken(self, name: str, breaking: Callable[[bytearray], None]) -> list[str]:
        content = bytearray(library(name).read_bytes())
        breaking(content)
        path = self.folder / TABLE[name].library
        path.write_bytes(content)
        return binary.faults(path, TABLE[name], REQUIRED)

    def rewritten(self, name: str, change: Callable[[lief.ELF.Binary], object]) -> list[str]:
        elf = lief.ELF.parse(library(name))
        assert elf is not None
        change(elf)
        path = self.folder / TABLE[name].library
        elf.write(str(path))
        return binary.faults(path, TABLE[name], REQUIRED)

    def assertFault(self, faults: list[str], words: str) -> None:
        self.assertTrue(any(words in fault for fault in faults), faults)

    def test_what_was_built_is_good(self) -> None:
        self.assertGreater(len(REQUIRED), 80)
        read = [name for name in TABLE if (NATIVE / name).is_dir()]
        self.assertGreaterEqual(len(read), 8)
        for name in read:
            self.assertEqual(binary.faults(library(name), TABLE[name], REQUIRED), [], name)

    def test_pages_of_4_kb(self) -> None:
        def shrink(content: bytearray) -> None:
            # The alignment of each segment that is loaded, in a 64-bit file.
            start, size, count = struct.unpack_from("<Q", content, 32)[0], 56, content[56]
            for place in range(start, start + count * size, size):
                if struct.unpack_from("<I", content, place)[0] == 1:
                    struct.pack_into("<Q", content, place + 48, 0x1000)

        for name in ("android-arm64-v8a", "android-x86_64"):
            self.assertFault(self.broken(name, shrink), "aligned to 0x1000")

    def test_another_machine(self) -> None:
        arm = library("android-armeabi-v7a")
        self.assertFault(binary.faults(arm, TABLE["android-arm64-v8a"], REQUIRED), "not for arm64")
        self.assertFault(
            binary.faults(library("ios-arm64"), TABLE["ios-simulator-arm64"], REQUIRED), "is for"
        )
        self.assertFault(
            binary.faults(library("ios-arm64"), TABLE["macos-x86_64"], REQUIRED),
            "nothing for x86_64",
        )

    def test_a_missing_function(self) -> None:
        lacking = REQUIRED | {"uniffi_idcard_verification_fn_func_not_there"}
        for name in ("android-arm64-v8a", "ios-arm64", "linux-aarch64", "windows-x86_64"):
            faults = binary.faults(library(name), TABLE[name], lacking)
            self.assertEqual(len(faults), 1, name)
            self.assertFault(faults, "uniffi_idcard_verification_fn_func_not_there")

    def test_an_export_that_nobody_calls(self) -> None:
        # What a library of a computer exports: UniFFI's metadata too.
        desktop = Platform("linux-aarch64", "android", "", "arm64", "26")
        self.assertFault(
            binary.faults(library("linux-aarch64"), desktop, REQUIRED),
            "that nobody calls, such as UNIFFI_META",
        )

    def test_a_function_that_the_api_level_lacks(self) -> None:
        old = Platform("android", "android", "", "arm64", "19")
        self.assertFault(
            binary.faults(library("android-arm64-v8a"), old, REQUIRED),
            "API level 19 is not known to have",
        )

    def test_a_wrong_name(self) -> None:
        def rename(elf: lief.ELF.Binary) -> None:
            elf.get(lief.ELF.DynamicEntry.TAG.SONAME).name = "libother.so"  # type: ignore[union-attr]

        self.assertFault(self.rewritten("android-arm64-v8a", rename), "SONAME is libother.so")

    def test_a_library_that_the_system_lacks(self) -> None:
        for name in ("android-arm64-v8a", "linux-aarch64"):
            faults = self.rewritten(name, lambda elf: elf.add_library("libstdc++.so.6"))
            self.assertFault(faults, "needs libstdc++.so.6")

    def test_a_newer_glibc(self) -> None:
        def newer(content: bytearray) -> None:
            # The name of a version, and its hash, in the table of versions.
            old, new = b"GLIBC_2.17\0", b"GLIBC_2.39\0"
            self.assertIn(old, content)
            content[:] = content.replace(old, new).replace(
                struct.pack("<I", _hash(old[:-1])), struct.pack("<I", _hash(new[:-1]))
            )

        self.assertFault(self.broken("linux-aarch64", newer), "newer than glibc 2.17")

    def test_another_deployment_target(self) -> None:
        later = Platform("ios", "apple", "", "arm64", "17.0", "iphoneos")
        self.assertFault(binary.faults(library("ios-arm64"), later, REQUIRED), "not from 17.0")

    def test_another_install_name(self) -> None:
        macho = lief.MachO.parse(library("ios-arm64"))
        assert macho is not None
        dylib = macho.at(0)
        assert dylib is not None
        dylib.libraries[0].name = "/tmp/IdCardVerificationFFI"
        path = self.folder / "other.dylib"
        macho.write(str(path))
        self.assertFault(binary.faults(path, TABLE["ios-arm64"], REQUIRED), "install name /tmp/")

    def test_no_library(self) -> None:
        text = self.folder / "text"
        text.write_bytes(b"no library")
        for name in ("android-arm64-v8a", "ios-arm64", "windows-x86_64"):
            self.assertTrue(binary.faults(text, TABLE[name], REQUIRED), name)
            self.assertTrue(binary.faults(self.folder / "nowhere", TABLE[name], REQUIRED), name)


class XCFramework(unittest.TestCase):
    """The layout that Xcode takes."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp()) / f"{FRAMEWORK}.xcframework"
        self.addCleanup(shutil.rmtree, self.folder.parent)
        names = [name for names in xcframework.SLICES.values() for name in names]
        libraries = {name: library(name) for name in names}
        xcframework.lay(self.folder, libraries, TABLE, GENERATED)
        self.ios = self.folder / "ios-arm64" / f"{FRAMEWORK}.framework"
        self.mac = self.folder / "macos-arm64_x86_64" / f"{FRAMEWORK}.framework"

    def faults(self) -> list[str]:
        return xcframework_reader.faults(self.folder, TABLE, REQUIRED)

    def assertFault(self, words: str) -> None:
        faults = self.faults()
        self.assertTrue(any(words in fault for fault in faults), faults)

    def edit(self, path: Path, **changes: object) -> None:
        content = plistlib.loads(path.read_bytes())
        for name, value in changes.items():
            content.pop(name) if value is None else content.update({name: value})
        path.write_bytes(plistlib.dumps(content))

    def test_it_is_good_and_packs_to_the_same_bytes(self) -> None:
        self.assertEqual(self.faults(), [])
        archives = [self.folder.parent / name for name in ("a.zip", "b.zip")]
        checksums = {xcframework.pack(self.folder, archive) for archive in archives}
        self.assertEqual(len(checksums), 1)

    def test_a_header_of_no_namespace(self) -> None:
        (self.ios / "Headers" / "RustBuffer.h").write_text("struct RustBuffer;\n")
        self.assertFault("ios-arm64: has RustBuffer.h in Headers")

    def test_a_module_map_of_no_namespace(self) -> None:
        (self.ios / "Modules" / "module.modulemap").write_text("framework module FFI {}\n")
        self.assertFault("ios-arm64: has no module map")

    def test_a_header_of_other_sources(self) -> None:
        header = self.ios / "Headers" / f"{FRAMEWORK}.h"
        header.write_text(header.read_text().replace("client_verify", "client_check"))
        self.assertFault("ios-arm64: has not the header of these sources")

    def test_an_info_that_is_not_complete(self) -> None:
        self.edit(self.ios / "Info.plist", MinimumOSVersion=None)
        self.assertFault("ios-arm64: Info.plist lacks MinimumOSVersion")

    def test_a_slice_of_another_system(self) -> None:
        shutil.copy(self.ios / FRAMEWORK, self.mac / "Versions" / "A" / FRAMEWORK)
        self.assertFault("macos-arm64_x86_64: arm64: is for")

    def test_a_slice_that_is_not_listed(self) -> None:
        self.edit(self.folder / "Info.plist", AvailableLibraries=[])
        self.assertFault("is said to be for another system")

    def test_no_privacy_manifest(self) -> None:
        (self.ios / "PrivacyInfo.xcprivacy").unlink()
        self.assertFault("ios-arm64: has no privacy manifest")

    def test_no_reason_for_an_api(self) -> None:
        self.edit(self.ios / "PrivacyInfo.xcprivacy", NSPrivacyAccessedAPITypes=[])
        self.assertFault("gives no reason for NSPrivacyAccessedAPICategoryFileTimestamp")

    def test_a_bundle_without_versions_on_a_mac(self) -> None:
        (self.mac / FRAMEWORK).unlink()
        shutil.copy(self.mac / "Versions" / "A" / FRAMEWORK, self.mac / FRAMEWORK)
        self.assertFault("macos-arm64_x86_64: has versions only on a Mac")


def _hash(name: bytes) -> int:
    """The hash of a name in an ELF file."""
    found = 0
    for byte in name:
        found = (found << 4) + byte
        high = found & 0xF0000000
        found = (found ^ (high >> 24)) & ~high
    return found


if __name__ == "__main__":
    unittest.main()
