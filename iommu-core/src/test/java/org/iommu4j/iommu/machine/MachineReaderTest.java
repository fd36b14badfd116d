package org.iommu4j.iommu.machine;

import static org.iommu4j.iommu.input.TestTrees.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSortedSet;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.iommu4j.iommu.input.BadInputException;
import org.iommu4j.iommu.input.FactFile;
import org.iommu4j.iommu.input.FactTree;
import org.iommu4j.iommu.input.TestTrees;
import org.iommu4j.iommu.pci.PciAddress;
import org.iommu4j.iommu.pci.PciDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineReaderTest {
  private static final String DEVICES = "sys/bus/pci/devices/";

  private static Map<String, byte[]> sample() {
    Map<String, byte[]> files = new TreeMap<>();
    files.put("proc/version", bytes("Linux version 5.10.0-1-amd64 (x@y) #1 SMP\n"));
    files.put("proc/cmdline", bytes("root=/dev/sda1 intel_iommu=on\n"));
    files.put(
        "proc/iomem", bytes("00000000-00000fff : Reserved\n00001000-3fffffff : System RAM\n"));
    files.put("boot/config", bytes("CONFIG_INTEL_IOMMU=y\n# CONFIG_X is not set\n"));
    files.put("sys/firmware/acpi/tables/DMAR", bytes("DMAR\60\0\0\0\1"));
    files.put("machine.properties", bytes("external_facing=0000:00:04.0\ncpus=4\n" + UNIT_LINE));
    byte[] bridge = new byte[256];
    bridge[0x0e] = 1;
    bridge[0x19] = 1;
    bridge[0x1a] = 1;
    putFunction(files, "0000:00:04.0", bridge);
    putFunction(files, "0000:01:00.0", new byte[256]);
    return files;
  }

  private static final String UNIT_LINE = "unit.0xfed90000=version 1:0 cap 0xd2 ecap 0xf00f4a\n";

  private static void putFunction(Map<String, byte[]> files, String name, byte[] config) {
    files.put(DEVICES + name + "/config", config);
    files.put(DEVICES + name + "/vendor", bytes("0x8086\n"));
    files.put(DEVICES + name + "/device", bytes("0x10ca\n"));
    files.put(DEVICES + name + "/class", bytes("0x020000\n"));
    files.put(DEVICES + name + "/resource", bytes("0x0000000000001000 0x1fff 0x40200\n"));
  }

  private static Machine read(Map<String, byte[]> files) {
    return MachineReader.read(TestTrees.inMemory(files));
  }

  private static PciDevice device(Machine machine, String address) {
    return machine.pci().device(PciAddress.parse(address).orElseThrow()).orElseThrow();
  }

  private static List<String> missing(Machine machine) {
    return machine.missing().stream().map(MissingFact::fact).toList();
  }

  @Test
  void everyFactOfATreeIsRead() {
    Machine machine = read(sample());
    assertEquals("5.10.0-1-amd64", machine.kernel().text());
    assertEquals("root=/dev/sda1 intel_iommu=on", machine.commandLine().text());
    assertTrue(machine.config().isEnabled("CONFIG_INTEL_IOMMU"));
    assertEquals(0x40000000L, machine.memory().ramEndPhys());
    assertEquals(9, machine.firmwareTable("DMAR").orElseThrow().bytes().length);
    assertEquals(0xf00f4aL, machine.unit(0xfed90000L).orElseThrow().values().get("ecap"));
    assertEquals(1L, machine.unit(0xfed90000L).orElseThrow().values().get("version_major"));
    assertTrue(device(machine, "00:04.0").externalFacing());
    assertTrue(device(machine, "01:00.0").untrusted());
    assertEquals(0x1fffL, device(machine, "01:00.0").resources().get(0).end());
    assertEquals("4", machine.property("cpus").orElseThrow());
    assertEquals(List.of(), machine.missing());
  }

  @Test
  void aMachineWithoutAnyFactStillIsAMachineThatSaysWhatIsMissing() {
    Machine machine = read(Map.of());
    assertEquals(
        List.of(
            "proc/cmdline",
            "proc/version",
            "boot/config",
            "proc/iomem",
            "sys/firmware/acpi/tables/DMAR",
            "sys/bus/pci/devices",
            "external_facing",
            "cpus"),
        missing(machine));
    assertEquals(KernelRelease.LINUX_5_10, machine.kernel());
    assertTrue(machine.config().isEnabled("CONFIG_INTEL_IOMMU"));
  }

  @Test
  void valuesOfSysfsWinOverTheConfigurationSpaceOfAVirtualFunction() {
    Map<String, byte[]> files = sample();
    byte[] config = new byte[256];
    config[0] = config[1] = config[2] = config[3] = -1;
    putFunction(files, "0000:01:10.0", config);
    assertEquals(0x8086, device(read(files), "01:10.0").vendorId());
    assertEquals(0x10ca, device(read(files), "01:10.0").deviceId());
  }

  @Test
  void whatAnOrdinaryUserSeesOfAConfigurationSpaceIsNoted() {
    Map<String, byte[]> files = sample();
    files.put(DEVICES + "0000:00:04.0/config", new byte[64]);
    assertEquals(List.of("config of 0000:00:04.0 behind byte 64"), missing(read(files)));
    files.remove(DEVICES + "0000:00:04.0/config");
    assertEquals(List.of("config of 0000:00:04.0"), missing(read(files)));
  }

  @Test
  void theFirmwaresMapServesWhereIomemShowsOnlyZeros() {
    Map<String, byte[]> files = sample();
    files.put("proc/iomem", bytes("00000000-00000000 : System RAM\n"));
    assertEquals(List.of("proc/iomem"), missing(read(files)));
    files.put("sys/firmware/memmap/0/start", bytes("0x0\n"));
    files.put("sys/firmware/memmap/0/end", bytes("0xfffff\n"));
    files.put("sys/firmware/memmap/0/type", bytes("System RAM\n"));
    Machine machine = read(files);
    assertEquals(List.of(), missing(machine));
    assertEquals(
        "[[mem 0x0-0xfff] Reserved, [mem 0x1000-0x9ffff] System RAM]",
        machine.memory().ranges().toString());
  }

  @Test
  void theConfigurationIsFoundUnderTheReleaseOrPacked() {
    Map<String, byte[]> files = sample();
    byte[] config = files.remove("boot/config");
    files.put("proc/config.gz", TestTrees.gzip(bytes("CONFIG_A=m\n")));
    assertEquals("m", read(files).config().value("CONFIG_A").orElseThrow());
    files.put("boot/config-5.10.0-1-amd64", config);
    assertTrue(read(files).config().value("CONFIG_A").isEmpty());
    assertTrue(read(files).config().isEnabled("CONFIG_INTEL_IOMMU"));
  }

  @Test
  void unitsOfSysfsServeWhereNoPropertyNamesThem() {
    Map<String, byte[]> files = sample();
    files.put("machine.properties", bytes("cpus=1\n"));
    assertEquals(List.of("unit registers"), missing(read(files)));
    String unit = "sys/class/iommu/dmar0/intel-iommu/";
    files.put(unit + "cap", bytes("d2008c22260206\n"));
    files.put(unit + "ecap", bytes("f00f4a\n"));
    files.put(unit + "version", bytes("1:0\n"));
    files.put(unit + "address", bytes("fed90000\n"));
    Machine machine = read(files);
    assertEquals(List.of(), missing(machine));
    assertEquals(0xd2008c22260206L, machine.unit(0xfed90000L).orElseThrow().values().get("cap"));
  }

  @Test
  void thePortAboveARemovableFunctionIsExternalFacing() {
    Map<String, byte[]> files = sample();
    files.put("machine.properties", bytes("cpus=1\nexternal_facing=unknown\n" + UNIT_LINE));
    assertEquals(List.of("external_facing"), missing(read(files)));
    files.put(DEVICES + "0000:01:00.0/removable", bytes("removable\n"));
    Machine machine = read(files);
    assertTrue(device(machine, "00:04.0").externalFacing());
    assertEquals(List.of("external_facing"), missing(machine));
  }

  @Test
  void firmwareThatNeverNamesThePropertyHasNoExternalFacingPort() {
    Map<String, byte[]> files = sample();
    files.put("machine.properties", bytes("cpus=1\nexternal_facing=unknown\n" + UNIT_LINE));
    files.put("sys/firmware/acpi/tables/DSDT", bytes("DSDT code"));
    assertEquals(List.of(), missing(read(files)));
    files.put("sys/firmware/acpi/tables/SSDT3", bytes("SSDT ..ExternalFacingPort.."));
    assertEquals(List.of("external_facing"), missing(read(files)));
  }

  @Test
  void aPortThatIsNotThereIsNoted() {
    Map<String, byte[]> files = sample();
    files.put("machine.properties", bytes("external_facing=0000:00:1c.0\ncpus=1\n" + UNIT_LINE));
    assertEquals(List.of("external_facing 0000:00:1c.0"), missing(read(files)));
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
    Map<String, byte[]> files = sample();
    files.remove("boot/config");
    files.put(path, bytes(content));
    var e = assertThrows(BadInputException.class, () -> read(files), path + content);
    assertEquals(path, e.file());
    assertEquals(place, e.place());
    assertTrue(e.getMessage().startsWith(path + ", " + place + ": " + e.rule()), e.getMessage());
  }

  @Test
  void aDirectoryThatIsNoAddressIsRefused() {
    for (String name : new String[] {"device", "0000:00:04.8", "00:04.0", "0000:00:4.0"}) {
      Map<String, byte[]> files = sample();
      files.put(DEVICES + name + "/config", new byte[256]);
      var e = assertThrows(BadInputException.class, () -> read(files), name);
      assertEquals(DEVICES + name, e.file());
    }
  }

  @Test
  void bytesThatAreNoTextAreTakenAsTheKernelTakesThem() {
    Map<String, byte[]> files = sample();
    files.put("proc/cmdline", bytes("name=\u00e9\u00ff intel_iommu=on\0rest"));
    files.put("proc/version", bytes("\0\u00ff"));
    Machine machine = read(files);
    assertEquals("name=\u00e9\u00ff intel_iommu=on", machine.commandLine().text());
    assertEquals(List.of("proc/version"), missing(machine));
  }

  @Test
  void tablesWithLicenceKeysAreNotRead() {
    Map<String, byte[]> files = sample();
    files.put("sys/firmware/acpi/tables/MSDM", bytes("MSDM secret"));
    files.put("sys/firmware/acpi/tables/APIC", bytes("APIC"));
    assertEquals(List.of("APIC", "DMAR"), List.copyOf(read(files).firmwareTables().keySet()));
  }

  @Test
  void anArchiveAndADirectoryGiveEqualFacts(@TempDir Path root) {
    TestTrees.write(root, sample());
    String facts = MachineFacts.of(MachineReader.read(root));
    byte[] tar = TestTrees.tar("./", sample());
    assertEquals(facts, MachineFacts.of(MachineReader.read(TestTrees.unpack(tar))));
    byte[] packed = TestTrees.gzip(tar);
    assertEquals(facts, MachineFacts.of(MachineReader.read(TestTrees.unpack(packed))));
  }

  @Test
  void noAnswerOfTheKernelIsEverOpened() {
    Map<String, byte[]> files = sample();
    files.remove("machine.properties");
    files.put("sys/class/iommu/dmar0/intel-iommu/cap", bytes("d2008c22260206\n"));
    files.put("sys/class/iommu/dmar0/devices/0000:00:04.0", bytes(""));
    files.put("sys/kernel/iommu_groups/0/type", bytes("DMA\n"));
    files.put("lockstep/ops", bytes("dev"));
    files.put("var/log/dmesg", bytes("DMAR: IOMMU enabled"));
    GuardedTree tree = new GuardedTree(TestTrees.inMemory(files));
    assertFalse(MachineReader.read(tree).pci().devices().isEmpty());
  }

  /** Fails where an answer is asked for. */
  private record GuardedTree(FactTree tree) implements FactTree {
    private static void check(String path) {
      boolean answer =
          path.matches("(sys/kernel|lockstep|var)(/.*)?")
              || (path.startsWith("sys/class/iommu/")
                  && !path.matches(".*/intel-iommu/(cap|ecap|version|address)"));
      assertFalse(answer, path);
    }

    @Override
    public String name() {
      return tree.name();
    }

    @Override
    public FactFile read(String path, int limitBytes) {
      check(path);
      return tree.read(path, limitBytes);
    }

    @Override
    public ImmutableSortedSet<String> list(String path) {
      check(path);
      return tree.list(path);
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
    byte[] content = sample().getOrDefault(path, bytes("0x1000\n")).clone();
    content[Math.floorMod(place, content.length)] = value;
    assertMachineOrRefused(path, content);
  }

  private static void assertMachineOrRefused(String path, byte[] content) {
    Map<String, byte[]> files = sample();
    if (path.equals("proc/config.gz")) {
      files.remove("boot/config");
    }
    files.put(path, content);
    try {
      assertFalse(MachineFacts.of(read(files)).isEmpty());
    } catch (BadInputException e) {
      assertEquals(
          path.startsWith("sys/firmware/memmap") ? "sys/firmware/memmap/0" : path, e.file());
    }
  }
}
