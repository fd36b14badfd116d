package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which kernel decides, and what is said where that is not surely the machine's own. */
final class KernelOptionsTest {
  private static final String LAPTOP = Run.machine("laptop-thunderbolt");

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  private Path directory;

  /** Unpacks the laptop as if another kernel had run on it. */
  private String ran(String version) throws IOException {
    Path capture = Captures.unpack(LAPTOP, directory);
    Files.writeString(capture.resolve("proc/version"), "Linux version " + version + "\n");
    return capture.toString();
  }

  private static JsonNode json(String... args) throws IOException {
    Run run = Run.of(args);
    assertEquals(ExitCodes.OK, run.exitCode(), run.err());
    return new ObjectMapper().readTree(run.out());
  }

  private static JsonNode device(JsonNode report, String address) {
    for (JsonNode device : report.get("devices")) {
      if (device.get("bdf").asText().equals(address)) {
        return device;
      }
    }
    throw new AssertionError("no device " + address);
  }

  @ParameterizedTest
  @CsvSource({
    "5.10, DMA, intel_dma_ops, false",
    "6.1, DMA-FQ, iommu_dma_ops, true",
    "6.12, DMA-FQ, , true"
  })
  void theKernelThatIsNamedDecides(String kernel, String type, String ops, boolean dmaIommu)
      throws IOException {
    JsonNode report = json("explain", LAPTOP, "--kernel", kernel, "--format", "json");
    JsonNode device = device(report, "0000:00:1f.2");
    assertEquals(kernel, report.get("kernel").asText());
    assertEquals(type, device.get("domainType").asText());
    assertEquals(type, report.get("iommu").get("defaultDomainType").asText());
    assertEquals(ops == null ? "null" : ops, device.get("dmaOps").asText());
    assertEquals(dmaIommu, device.get("dmaIommu").asBoolean());
  }

  @Test
  void anIdentityDeviceHasNeitherOperationsNorDmaIommu() throws IOException {
    JsonNode report =
        json(
            "explain",
            LAPTOP,
            "--kernel",
            "6.12",
            "--cmdline",
            "intel_iommu=on iommu=pt",
            "--format",
            "json");
    JsonNode device = device(report, "0000:00:1f.2");
    assertEquals("identity", device.get("domainType").asText());
    assertTrue(device.get("dmaOps").isNull());
    assertFalse(device.get("dmaIommu").asBoolean());
  }

  @Test
  void aTableShowsDmaIommuWhereThereAreNoOperations() {
    Run run = Run.narrow("explain", LAPTOP, "--kernel", "6.12");
    assertTrue(run.out().contains("DMA-FQ  dma-iommu  default"), run.out());
    assertTrue(
        run.out().contains("decided as Linux 6.12 decides (the machine ran 5.10.0-46-amd64)"));
    assertEquals("", run.err(), "who names a kernel needs no note");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "explain MACHINE",
        "groups MACHINE",
        "assign MACHINE 04:00.0",
        "path MACHINE 04:00.0",
        "walk MACHINE --device 04:00.0 --iova 0xfffff000",
        "fault MACHINE"
      })
  void everyCommandThatDecidesTakesAKernelAndAConfiguration(String command) {
    String[] words =
        (command.startsWith("fault")
                ? "fault|DMAR: [DMA Read] Request device [04:00.0] PASID ffffffff fault addr"
                    + " fffff000 [fault reason 06] PTE Read access is not set|"
                    + LAPTOP
                : command.replace("MACHINE", LAPTOP).replace(' ', '|'))
            .concat("|--kernel|6.12|--config|debian-13")
            .split("\\|");
    Run run = Run.of(words);
    assertTrue(run.exitCode() <= ExitCodes.NOT_POSSIBLE, run.err());
    assertEquals("", run.err());
    assertFalse(run.out().isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "6.0.9-300.fc37.x86_64 (x) #1 | 6.1",
        "5.15.160 (x) #1 | 6.1",
        "6.8.11-amd64 (x) #1 | 6.12",
        "6.19.0-rc6 (x) #1 | 6.12",
        "4.19.300 (x) #1 | 5.10"
      })
  void theNearestReleaseStandsInWithANote(String version, String modelled) throws IOException {
    String machine = ran(version);
    Run run = Run.of("groups", machine, "--format", "json");
    String number = version.substring(0, version.indexOf(' '));
    assertTrue(run.err().contains("ran Linux " + number + ";"), run.err());
    assertTrue(
        run.err()
            .contains("what follows is what Linux " + modelled + " decides, the nearest that is"),
        run.err());
    assertEquals(1, run.err().lines().count());
    assertEquals(modelled, new ObjectMapper().readTree(run.out()).get("kernel").asText());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "5.10.0-8-amd64 (x) #1 | 5.10",
        "6.1.0-56-amd64 (x) #1 | 6.1",
        "6.12.117+deb12-amd64 (x) #1 | 6.12",
        "6.12.30 (x) #1 | 6.12"
      })
  void aModelledReleaseDecidesForItselfAndNothingIsSaid(String version, String modelled)
      throws IOException {
    Run run = Run.of("explain", ran(version), "--format", "json");
    assertEquals("", run.err());
    assertEquals(modelled, new ObjectMapper().readTree(run.out()).get("kernel").asText());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "6.8.12-4-pve (x) #1 | Proxmox | 6.12",
        "5.14.0-362.8.1.el9_3.x86_64 (x) #1 | Red Hat | 6.1",
        "4.18.0-553.el8_10.x86_64 (x) #1 | Red Hat | 5.10",
        "6.1.0-1029-oem (x) #1 | Ubuntu | 6.1"
      })
  void whoBringsRulesBackIsNamed(String version, String builder, String modelled)
      throws IOException {
    Run run = Run.of("groups", ran(version));
    assertTrue(run.err().contains("a build of " + builder), run.err());
    assertTrue(run.err().contains("its number does not tell"), run.err());
    assertTrue(run.err().contains("what Linux " + modelled + " decides"), run.err());
  }

  @Test
  void theNoteSaysWhatIsOfTheReleaseItselfAndNoMore() throws IOException {
    String machine = ran("6.8.11-amd64 (x) #1");
    Run run = Run.of("explain", machine, "--format", "json");
    assertTrue(run.err().contains("of 6.8 itself are "), run.err());
    assertTrue(run.err().contains("the rule whom to trust"), run.err());
    JsonNode report = new ObjectMapper().readTree(run.out());
    assertEquals("iommu_dma_ops", device(report, "0000:00:1f.2").get("dmaOps").asText());
    assertTrue(device(report, "0000:04:00.0").get("untrusted").asBoolean());
    JsonNode later = json("explain", machine, "--kernel", "6.12", "--format", "json");
    assertFalse(device(later, "0000:04:00.0").get("untrusted").asBoolean());
  }

  @Test
  void verifyComparesACaptureWithItsOwnRelease() throws IOException {
    Run run = Run.of("verify", ran("6.12.117+deb12-amd64 (x) #1"));
    assertEquals(ExitCodes.DIFFERENT, run.exitCode());
    assertTrue(run.out().contains("predicted DMA-FQ, recorded DMA"), run.out());
    assertEquals(ExitCodes.OK, Run.of("verify", LAPTOP).exitCode());
  }

  @ParameterizedTest
  @CsvSource({"debian-11, DMA-FQ, true", "debian-13, DMA-FQ, true", "upstream, , false"})
  void theConfigurationSaysWhatIsOnWithoutAWord(String config, String type, boolean on)
      throws IOException {
    JsonNode report =
        json(
            "explain",
            LAPTOP,
            "--kernel",
            "6.12",
            "--config",
            config,
            "--cmdline",
            "quiet",
            "--format",
            "json");
    assertEquals(on, report.get("iommu").get("enabled").asBoolean());
    assertEquals(
        type == null ? "null" : type, device(report, "0000:00:1f.2").get("domainType").asText());
  }

  @Test
  void aConfigurationCanBeAFile() throws IOException {
    Path file = directory.resolve("config");
    Files.writeString(file, "CONFIG_INTEL_IOMMU=y\nCONFIG_IOMMU_DEFAULT_PASSTHROUGH=y\n");
    JsonNode report = json("explain", LAPTOP, "--config", file.toString(), "--format", "json");
    assertEquals("identity", report.get("iommu").get("defaultDomainType").asText());
    Run.assertBad("no-such-file", "explain", LAPTOP, "--config", "no-such-file");
  }

  @Test
  void pathGoesThroughTheFunctionsOfItsRelease() {
    Run old = Run.of("path", LAPTOP, "00:1f.2");
    assertTrue(old.out().contains("intel_map_page("), old.out());
    assertTrue(old.out().contains("drivers/iommu/iova.c\n"), old.out());
    Run run = Run.of("path", LAPTOP, "00:1f.2", "--kernel", "6.12");
    assertTrue(run.out().contains("    iommu_dma_map_page("), run.out());
    assertTrue(run.out().contains("      __iommu_dma_unmap("), run.out());
    assertTrue(run.out().contains("drivers/iommu/dma-iommu.c\n  fq_flush_timeout()"), run.out());
    assertFalse(run.out().contains("intel_map_page("), run.out());
  }

  @Test
  void cmdlineJudgesAWordByRelease() throws IOException {
    JsonNode old = json("cmdline", "intel_iommu=sm_off", "--format", "json");
    assertEquals("5.10", old.get("kernel").asText());
    assertEquals("unknown", old.get("words").get(0).get("verdict").asText());
    JsonNode later = json("cmdline", "intel_iommu=sm_off", "--kernel", "6.12", "--format", "json");
    assertEquals("6.12", later.get("kernel").asText());
    assertEquals("honoured", later.get("words").get(0).get("verdict").asText());
  }

  @Test
  void helpTellsWhichReleasesAreMirrored() {
    String help = Run.of("cmdline", "--help").out().replaceAll("\\s+", " ");
    assertTrue(help.contains("5.10") && help.contains("6.1 or 6.12"), help);
  }
}
