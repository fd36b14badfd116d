package org.iommu4j.machine;

import static org.iommu4j.machine.input.TestTrees.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSortedSet;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.iommu4j.base.Release;
import org.iommu4j.machine.input.FactFile;
import org.iommu4j.machine.input.FactTree;
import org.iommu4j.machine.input.TestTrees;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineReaderTest {
  private static final String DEVICES = SampleMachine.DEVICES;

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
    Machine machine = read(SampleMachine.files());
    assertEquals("5.10.0-1-amd64", machine.kernel().text());
    assertEquals("root=/dev/sda1 intel_iommu=on", machine.commandLine().text());
    assertTrue(machine.config().isEnabled("CONFIG_INTEL_IOMMU"));
    assertEquals(0x40000000L, machine.memory().ramEndPhys());
    assertEquals(9, machine.firmwareTable("DMAR").orElseThrow().bytes().length);
    assertEquals(0xf00f4aL, machine.unit(0xfed90000L).orElseThrow().values().get("ecap"));
    assertEquals(1L, machine.unit(0xfed90000L).orElseThrow().values().get("version_major"));
    assertTrue(device(machine, "00:04.0").externalFacing());
    assertTrue(device(machine, "01:00.0").untrusted(TrustRule.BELOW_EXTERNAL_PORT));
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
    assertEquals(Release.ASSUMED, machine.kernel());
    assertTrue(machine.config().isEnabled("CONFIG_INTEL_IOMMU"));
  }

  @Test
  void valuesOfSysfsWinOverTheConfigurationSpaceOfAVirtualFunction() {
    Map<String, byte[]> files = SampleMachine.files();
    byte[] config = new byte[256];
    config[0] = config[1] = config[2] = config[3] = -1;
    SampleMachine.putFunction(files, "0000:01:10.0", config);
    assertEquals(0x8086, device(read(files), "01:10.0").vendorId());
    assertEquals(0x10ca, device(read(files), "01:10.0").deviceId());
  }

  @Test
  void whatAnOrdinaryUserSeesOfAConfigurationSpaceIsNoted() {
    Map<String, byte[]> files = SampleMachine.files();
    files.put(DEVICES + "0000:00:04.0/config", new byte[64]);
    assertEquals(List.of("config of 0000:00:04.0 behind byte 64"), missing(read(files)));
    files.remove(DEVICES + "0000:00:04.0/config");
    assertEquals(List.of("config of 0000:00:04.0"), missing(read(files)));
  }

  @Test
  void theFirmwaresMapServesWhereIomemShowsOnlyZeros() {
    Map<String, byte[]> files = SampleMachine.files();
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
    Map<String, byte[]> files = SampleMachine.files();
    byte[] config = files.remove("boot/config");
    files.put("proc/config.gz", TestTrees.gzip(bytes("CONFIG_A=m\n")));
    assertEquals("m", read(files).config().value("CONFIG_A").orElseThrow());
    files.put("boot/config-5.10.0-1-amd64", config);
    assertTrue(read(files).config().value("CONFIG_A").isEmpty());
    assertTrue(read(files).config().isEnabled("CONFIG_INTEL_IOMMU"));
  }

  @Test
  void unitsOfSysfsServeWhereNoPropertyNamesThem() {
    Map<String, byte[]> files = SampleMachine.files();
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
    Map<String, byte[]> files = SampleMachine.files();
    files.put(
        "machine.properties", bytes("cpus=1\nexternal_facing=unknown\n" + SampleMachine.UNIT_LINE));
    assertEquals(List.of("external_facing"), missing(read(files)));
    files.put(DEVICES + "0000:01:00.0/removable", bytes("removable\n"));
    Machine machine = read(files);
    assertTrue(device(machine, "00:04.0").externalFacing());
    assertEquals(List.of("external_facing"), missing(machine));
  }

  @Test
  void firmwareThatNeverNamesThePropertyHasNoExternalFacingPort() {
    Map<String, byte[]> files = SampleMachine.files();
    files.put(
        "machine.properties", bytes("cpus=1\nexternal_facing=unknown\n" + SampleMachine.UNIT_LINE));
    files.put("sys/firmware/acpi/tables/DSDT", bytes("DSDT code"));
    assertEquals(List.of(), missing(read(files)));
    files.put("sys/firmware/acpi/tables/SSDT3", bytes("SSDT ..ExternalFacingPort.."));
    assertEquals(List.of("external_facing"), missing(read(files)));
  }

  @Test
  void aPortThatIsNotThereIsNoted() {
    Map<String, byte[]> files = SampleMachine.files();
    files.put(
        "machine.properties",
        bytes("external_facing=0000:00:1c.0\ncpus=1\n" + SampleMachine.UNIT_LINE));
    assertEquals(List.of("external_facing 0000:00:1c.0"), missing(read(files)));
  }

  @Test
  void bytesThatAreNoTextAreTakenAsTheKernelTakesThem() {
    Map<String, byte[]> files = SampleMachine.files();
    files.put("proc/cmdline", bytes("name=\u00e9\u00ff intel_iommu=on\0\n"));
    files.put("proc/version", bytes("\0\u00ff"));
    Machine machine = read(files);
    assertEquals("name=\u00e9\u00ff intel_iommu=on", machine.commandLine().text());
    assertEquals(List.of("proc/version"), missing(machine));
  }

  @Test
  void tablesWithLicenceKeysAreNotRead() {
    Map<String, byte[]> files = SampleMachine.files();
    files.put("sys/firmware/acpi/tables/MSDM", bytes("MSDM secret"));
    files.put("sys/firmware/acpi/tables/APIC", bytes("APIC"));
    assertEquals(List.of("APIC", "DMAR"), List.copyOf(read(files).firmwareTables().keySet()));
  }

  @Test
  void anArchiveAndADirectoryGiveEqualFacts(@TempDir Path root) {
    TestTrees.write(root, SampleMachine.files());
    String facts = MachineFacts.of(MachineReader.read(root));
    byte[] tar = TestTrees.tar("./", SampleMachine.files());
    assertEquals(facts, MachineFacts.of(MachineReader.read(TestTrees.unpack(tar))));
    byte[] packed = TestTrees.gzip(tar);
    assertEquals(facts, MachineFacts.of(MachineReader.read(TestTrees.unpack(packed))));
  }

  @Test
  void noAnswerOfTheKernelIsEverOpened() {
    Map<String, byte[]> files = SampleMachine.files();
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
}
