package org.iommu4j.machine;

import static org.iommu4j.machine.input.TestTrees.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.TestTrees;
import org.junit.jupiter.api.Test;

class MachineReaderDamageTest {
  private static final String DEVICES = SampleMachine.DEVICES;

  /** What the tree of these tests is called. */
  private static final String TREE = "memory/";

  private static Machine read(Map<String, byte[]> files) {
    return MachineReader.read(TestTrees.inMemory(files));
  }

  @Test
  void badFilesAreNamedWithThePlaceAndTheRule() {
    assertBad("machine.properties", "cpus=-1\n", "line 1");
    assertBad("machine.properties", "#\ncpus=99999999999\n", "line 2");
    assertBad("machine.properties", "nonsense\n", "line 1");
    assertBad("machine.properties", "unit.0xfed90000=cap 1\n", "line 1");
    assertBad("machine.properties", "unit.zz=version 1:0 cap 0 ecap 0\n", "line 1");
    assertBad("machine.properties", "external_facing=0000:00:99.0\n", "line 1");
    assertBad("machine.properties", "swiotlb=0x2000-0x1000\n", "line 1");
    assertBad("proc/iomem", "0-ffffffffffffffffff : System RAM\n", "line 1");
    assertBad("proc/iomem", "00-01 : Reserved\n-5-4 : x\n", "line 2");
    assertBad("proc/iomem", "2000-1000 : x\n", "line 1");
    assertBad(DEVICES + "0000:00:04.0/config", "abc", "offset 0x3");
    assertBad(DEVICES + "0000:00:04.0/config", "x".repeat(4097), "offset 0x1000");
    assertBad(DEVICES + "0000:00:04.0/vendor", "0x18086\n", "line 1");
    assertBad(DEVICES + "0000:00:04.0/class", "network\n", "line 1");
    assertBad(DEVICES + "0000:00:04.0/resource", "0x1 0x2\n", "line 1");
    assertBad("proc/config.gz", "\u001f\u008btruncated", "offset 0x0");
  }

  private static void assertBad(String path, String content, String place) {
    Map<String, byte[]> files = SampleMachine.files();
    files.remove("boot/config");
    files.put(path, bytes(content));
    var e = assertThrows(BadInputException.class, () -> read(files), path + content);
    String file = TREE + path;
    assertEquals(file, e.file());
    assertEquals(place, e.place());
    assertTrue(e.getMessage().startsWith(file + ", " + place + ": " + e.rule()), e.getMessage());
  }

  @Test
  void aDirectoryThatIsNoAddressIsRefused() {
    for (String name : new String[] {"device", "0000:00:04.8", "00:04.0", "0000:00:4.0"}) {
      Map<String, byte[]> files = SampleMachine.files();
      files.put(DEVICES + name + "/config", new byte[256]);
      var e = assertThrows(BadInputException.class, () -> read(files), name);
      assertEquals(TREE + DEVICES + name, e.file());
    }
  }

  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.of(
        List.of(
            "proc/version",
            "proc/cmdline",
            "proc/iomem",
            "proc/config.gz",
            "boot/config",
            "machine.properties",
            "sys/firmware/acpi/tables/DMAR",
            "sys/firmware/memmap/0/start",
            "sys/class/iommu/dmar0/intel-iommu/version",
            "sys/devices/system/cpu/present",
            DEVICES + "0000:00:04.0/config",
            DEVICES + "0000:00:04.0/resource",
            DEVICES + "0000:00:04.0/vendor",
            DEVICES + "0000:00:04.0/removable"));
  }

  @Property(tries = 500)
  void anyBytesOfAnyFileEndInAMachineOrAreRefused(
      @ForAll("paths") String path, @ForAll @Size(max = 600) byte[] content) {
    assertMachineOrRefused(path, content);
  }

  @Property(tries = 500)
  void anyDamageToAFileEndsInAMachineOrIsRefused(
      @ForAll("paths") String path, @ForAll int place, @ForAll byte value) {
    byte[] content = SampleMachine.files().getOrDefault(path, bytes("0x1000\n")).clone();
    content[Math.floorMod(place, content.length)] = value;
    assertMachineOrRefused(path, content);
  }

  private static void assertMachineOrRefused(String path, byte[] content) {
    Map<String, byte[]> files = SampleMachine.files();
    if (path.equals("proc/config.gz")) {
      files.remove("boot/config");
    }
    files.put(path, content);
    try {
      assertFalse(MachineFacts.of(read(files)).isEmpty());
    } catch (BadInputException e) {
      assertEquals(
          TREE + (path.startsWith("sys/firmware/memmap") ? "sys/firmware/memmap/0" : path),
          e.file());
    }
  }
}
