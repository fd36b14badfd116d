package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code explain} as its users see it. */
final class ExplainCommandTest {
  private static final String LAPTOP = Run.machine("laptop-thunderbolt");

  private static JsonNode json(String... args) throws JsonProcessingException {
    String[] all = new String[args.length + 3];
    all[0] = "explain";
    all[1] = "--format";
    all[2] = "json";
    System.arraycopy(args, 0, all, 3, args.length);
    return new ObjectMapper().readTree(Run.of(all).out());
  }

  private static List<String> names(JsonNode node) {
    return ImmutableList.copyOf(node.fieldNames());
  }

  @Test
  void theTableHasOneLineADevice() {
    Run run = Run.of("explain", LAPTOP);
    assertEquals(ExitCodes.OK, run.exitCode());
    long devices = run.lines().stream().filter(line -> line.startsWith("0000:")).count();
    assertEquals(10, devices);
    assertTrue(run.out().contains("command line  intel_iommu=on\n"), run.out());
    assertEquals("", run.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"laptop-thunderbolt", "desktop-usb-rmrr", "server-switch"})
  void noLineIsLongerThanAHundredColumns(String name) {
    for (String line : Run.of("explain", "--why", Run.machine(name)).lines()) {
      assertTrue(line.length() <= 100, line);
    }
  }

  @Test
  void coloursAreForTerminals() {
    assertFalse(Run.of("explain", LAPTOP).out().contains("\u001b"));
    assertTrue(Run.coloured("explain", LAPTOP).out().contains("\u001b["));
  }

  @Test
  void chainsNameFactsAndSource() {
    String out = Run.of("explain", LAPTOP, "--why", "--device", "04:00.0").out();
    assertTrue(out.contains("  domain-demand: DMA\n"), out);
    assertTrue(out.contains("drivers/iommu/intel/iommu.c:device_def_domain_type"), out);
    assertFalse(out.contains("0000:00:1f.2"), out);
  }

  @Test
  void jsonHasTheDocumentedNames() throws JsonProcessingException {
    JsonNode root = json(LAPTOP);
    assertEquals(
        List.of(
            "machine",
            "kernel",
            "commandLine",
            "iommu",
            "interrupts",
            "swiotlb",
            "devices",
            "groups",
            "log",
            "decisions",
            "missing"),
        names(root));
    assertEquals(
        List.of("enabled", "defaultDomainType", "defaultDomainSource", "strict"),
        names(root.path("iommu")));
    assertEquals(List.of("remapped"), names(root.path("interrupts")));
    assertEquals(List.of("active", "bytes"), names(root.path("swiotlb")));
    assertTrue(
        names(root.path("devices").path(0))
            .containsAll(
                List.of("bdf", "group", "domainType", "dmaOps", "untrusted", "decisions")));
    assertEquals(
        List.of("rule", "outcome", "because", "source"),
        names(root.path("devices").path(0).path("decisions").path(0)));
    assertEquals(
        List.of("id", "type", "devices", "reservedRegions"), names(root.path("groups").path(0)));
  }

  @Test
  void jsonHasTheDocumentedValues() throws JsonProcessingException {
    JsonNode root = json(LAPTOP, "--cmdline", "intel_iommu=on iommu=pt");
    assertEquals("5.10", root.path("kernel").asText());
    assertEquals("intel_iommu=on iommu=pt", root.path("commandLine").asText());
    assertEquals(64 << 20, root.path("swiotlb").path("bytes").intValue());
    JsonNode trusted = root.path("devices").path(0);
    assertTrue(trusted.path("group").isInt());
    assertEquals("identity", trusted.path("domainType").asText());
    assertTrue(trusted.path("dmaOps").isNull());
    JsonNode untrusted = root.path("devices").path(9);
    assertEquals("0000:04:00.0", untrusted.path("bdf").asText());
    assertEquals("DMA", untrusted.path("domainType").asText());
    assertEquals("bounce_dma_ops", untrusted.path("dmaOps").asText());
    assertTrue(untrusted.path("untrusted").booleanValue());
    JsonNode region = root.path("groups").path(0).path("reservedRegions").path(0);
    assertEquals(
        "{\"start\":\"0xfee00000\",\"end\":\"0xfeefffff\",\"type\":\"msi\"}", region.toString());
  }

  @Test
  void withoutAnIommuThereIsNoGroup() throws JsonProcessingException {
    JsonNode root = json(LAPTOP, "--cmdline", "intel_iommu=off");
    assertFalse(root.path("iommu").path("enabled").booleanValue());
    JsonNode device = root.path("devices").path(0);
    assertTrue(device.path("group").isNull());
    assertTrue(device.path("domainType").isNull());
    assertEquals(0, root.path("groups").size());
  }

  @Test
  void jsonOfOneDeviceHasItsGroupOnly() throws JsonProcessingException {
    JsonNode root = json(LAPTOP, "--device", "00:1f.2");
    assertEquals(1, root.path("devices").size());
    assertEquals(1, root.path("groups").size());
    assertEquals(3, root.path("groups").path(0).path("devices").size());
  }

  @Test
  void controlCharactersOfACommandLineCannotAct() {
    String out = Run.of("explain", LAPTOP, "--cmdline", "a=\u001b[2Jb").out();
    assertFalse(out.contains("\u001b"), out);
    assertTrue(out.contains("a=\\x1b[2Jb"), out);
  }
}
