package org.iommu4j.evidence.answers;

import static org.iommu4j.machine.input.TestTrees.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.machine.MachineFacts;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.MissingFact;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.FactTree;
import org.iommu4j.machine.input.TestTrees;
import org.iommu4j.machine.pci.PciAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureTest {
  private static final PciAddress PORT = new PciAddress(0, 0, 4, 0);
  private static final PciAddress CARD = new PciAddress(0, 1, 0, 0);

  private static Map<String, byte[]> sample() {
    Map<String, byte[]> files = new TreeMap<>();
    files.put("proc/version", bytes("Linux version 5.10.0 (x@y)\n"));
    files.put("proc/cmdline", bytes("intel_iommu=on\n"));
    files.put("proc/iomem", bytes("00001000-3fffffff : System RAM\n"));
    files.put("boot/config", bytes("CONFIG_INTEL_IOMMU=y\n"));
    files.put("sys/firmware/acpi/tables/DMAR", bytes("DMAR\60\0\0\0\1"));
    files.put("sys/bus/pci/devices/0000:00:04.0/config", new byte[256]);
    files.put("sys/bus/pci/devices/0000:01:00.0/config", new byte[4096]);
    files.put("sys/class/iommu/dmar0/intel-iommu/cap", bytes("d2008c22260206\n"));
    files.put("sys/class/iommu/dmar0/intel-iommu/ecap", bytes("f00f4a\n"));
    files.put("sys/class/iommu/dmar0/intel-iommu/version", bytes("1:0\n"));
    files.put("sys/class/iommu/dmar0/intel-iommu/address", bytes("fed90000\n"));
    files.put("sys/devices/system/cpu/present", bytes("0-3\n"));
    String group = "sys/kernel/iommu_groups/7/";
    files.put(group + "type", bytes("DMA\n"));
    files.put(group + "reserved_regions", bytes(REGIONS));
    files.put(group + "devices/0000:01:00.0", new byte[0]);
    files.put(group + "devices/platform-device", new byte[0]);
    files.put("lockstep/ops", bytes(OPS));
    files.put("var/log/dmesg", bytes(LOG));
    return files;
  }

  private static final String REGIONS =
      """
      0x0000000000000000 0x0000000000ffffff direct-relaxable
      0x00000000fee00000 0x00000000feefffff msi
      """;

  private static final String OPS =
      """
      dev 0000:00:04.0 -> ops=0x0 domain=-1 group=-1 untrusted=0 mask=0xffffffff cmask=0xffffffff
      dev 0000:01:00.0 -> ops=bounce_dma_ops domain=3 group=7 untrusted=1 mask=0xffffffff cmask=0x0
      """;

  private static final String LOG =
      """
      [    0.000000] Linux version 5.10.0 (x@y)
      [    0.010000] DMAR: IOMMU enabled
      <6>[    0.020000][    T1] iommu: Default domain type: Translated
      Jan  2 03:04:05 host kernel: PCI-DMA: Using software bounce buffering for IO (SWIOTLB)
      [    0.030000] software IO TLB: mapped [mem 0x10000000-0x14000000] (64MB)
      [    0.040000] pci 0000:01:00.0: Adding to iommu group 7
      [    0.050000] pci 0000:01:00.0: something else
      [    0.060000] e1000e: DMAR: is not at the start of this one
      """;

  private static CaptureAnswers answers(Map<String, byte[]> files) {
    return CaptureAnswers.read(TestTrees.inMemory(files));
  }

  @Test
  void groupsAreReadWithTypeRegionsAndFunctions() {
    GroupAnswer group = answers(sample()).groups().values().iterator().next();
    assertEquals(7, group.number());
    assertEquals("DMA", group.type());
    assertEquals(List.of(CARD), group.devices().asList());
    assertEquals(
        List.of(
            new ReservedRegion(0, 0xffffff, ReservedRegion.Type.DIRECT_RELAXABLE),
            new ReservedRegion(0xfee00000L, 0xfeefffffL, ReservedRegion.Type.MSI)),
        group.reservedRegions());
    assertEquals(Optional.of(group), answers(sample()).groupOf(CARD));
    assertEquals(Optional.empty(), answers(sample()).groupOf(PORT));
  }

  @Test
  void opsOfDevicesAreRead() {
    var devices = answers(sample()).devices();
    DeviceAnswer port = devices.getOrDefault(PORT, new DeviceAnswer(PORT, "none", null, 0, true));
    assertNull(port.ops());
    assertNull(port.domain());
    assertEquals(-1, port.group());
    assertEquals(
        new DeviceAnswer(CARD, "bounce_dma_ops", DomainType.DMA, 7, true), devices.get(CARD));
  }

  @Test
  void theLogKeepsTheLinesOfTheIommuWithoutTimes() {
    assertEquals(
        List.of(
            "DMAR: IOMMU enabled",
            "iommu: Default domain type: Translated",
            "PCI-DMA: Using software bounce buffering for IO (SWIOTLB)",
            "pci 0000:01:00.0: Adding to iommu group 7"),
        answers(sample()).log(Linux510.RULES));
  }

  @Test
  void aTreeWithoutAnswersHasNone() {
    assertTrue(answers(Map.of("proc/version", bytes("x"))).isEmpty());
    assertFalse(answers(sample()).isEmpty());
  }

  @Test
  void badAnswersAreNamed() {
    assertBad("lockstep/ops", "dev 0000:00:04.0 -> error\n");
    assertBad("sys/kernel/iommu_groups/7/reserved_regions", "0x0 0x1 nonsense\n");
    assertBad("sys/kernel/iommu_groups/nonsense", "");
  }

  private static void assertBad(String path, String content) {
    Map<String, byte[]> files = sample();
    files.put(path, bytes(content));
    var e = assertThrows(BadInputException.class, () -> answers(files), path);
    assertEquals("memory/" + path, e.file());
  }

  @Test
  void aCaptureReadsBackEqual(@TempDir Path root) throws IOException {
    FactTree tree = TestTrees.inMemory(sample());
    List<MissingFact> unread = CaptureWriter.write(root.resolve("capture.tar.gz"), tree);
    assertEquals(List.copyOf(MachineReader.read(tree).missing()), unread);
    FactTree written = FactTree.open(root.resolve("capture.tar.gz"));
    assertEquals(unread, CaptureWriter.write(root.resolve("capture"), written));
    for (String name : new String[] {"capture.tar.gz", "capture"}) {
      FactTree capture = FactTree.open(root.resolve(name));
      assertEquals(
          MachineFacts.of(MachineReader.read(tree)), MachineFacts.of(MachineReader.read(capture)));
      CaptureAnswers answers = CaptureAnswers.read(capture);
      assertEquals(answers(sample()).groups(), answers.groups());
      assertEquals(answers(sample()).devices(), answers.devices());
      assertEquals(answers(sample()).log(Linux510.RULES), answers.log(Linux510.RULES));
      assertEquals(
          "0x10000000-0x14000000", MachineReader.read(capture).property("swiotlb").orElseThrow());
      assertEquals("4", MachineReader.read(capture).property("cpus").orElseThrow());
    }
  }

  @Test
  void capturesOfOneStateAreTheSameBytes(@TempDir Path root) throws IOException {
    FactTree tree = TestTrees.inMemory(sample());
    var unused = CaptureWriter.write(root.resolve("a.tar.gz"), tree);
    var unusedToo = CaptureWriter.write(root.resolve("b.tar.gz"), tree);
    assertArrayEquals(
        Files.readAllBytes(root.resolve("a.tar.gz")), Files.readAllBytes(root.resolve("b.tar.gz")));
  }

  @Test
  void aLogFromElsewhereReplacesTheTreesOwn(@TempDir Path root) {
    Path out = root.resolve("capture.tgz");
    Optional<String> log = Optional.of("DMAR: No RMRR found\n");
    var unused = CaptureWriter.write(out, TestTrees.inMemory(sample()), log);
    assertEquals(List.of("DMAR: No RMRR found"), CaptureAnswers.read(out).log(Linux510.RULES));
  }

  @Test
  void whatCouldNotBeReadIsReturned(@TempDir Path root) {
    Map<String, byte[]> files = sample();
    files.remove("var/log/dmesg");
    List<MissingFact> unread =
        CaptureWriter.write(root.resolve("capture.tgz"), TestTrees.inMemory(files));
    assertTrue(unread.stream().anyMatch(missing -> missing.fact().equals("var/log/dmesg")));
  }

  @Test
  void aDirectoryThatHoldsSomethingIsNotWrittenInto(@TempDir Path root) throws IOException {
    Files.write(root.resolve("precious"), bytes("x"));
    FactTree tree = TestTrees.inMemory(sample());
    assertThrows(UncheckedIOException.class, () -> CaptureWriter.write(root, tree));
    assertEquals(1, root.toFile().listFiles().length);
  }

  @Provide
  Arbitrary<String> answerPaths() {
    return Arbitraries.of(
        "lockstep/ops",
        "var/log/dmesg",
        "sys/kernel/iommu_groups/7/type",
        "sys/kernel/iommu_groups/7/reserved_regions");
  }

  @Property(tries = 300)
  void anyBytesOfAnAnswerAreReadOrRefused(
      @ForAll("answerPaths") String path, @ForAll @Size(max = 400) byte[] content) {
    Map<String, byte[]> files = sample();
    files.put(path, content);
    try {
      assertFalse(answers(files).isEmpty());
    } catch (BadInputException e) {
      assertEquals("memory/" + path, e.file());
    }
  }
}
