package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.Iterables;
import com.google.common.collect.ObjectArrays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of a mapping through the kernel, which differs from machine to machine. */
final class PathCommandTest {
  private static final String SERVER = Run.machine("server-switch");
  private static final String LAPTOP = Run.machine("laptop-thunderbolt");
  private static final String DOCK = "04:00.0";
  private static final String NIC = "03:00.0";

  private static JsonNode path(String... args) throws JsonProcessingException {
    String[] command = {"path", "--format", "json"};
    Run run = Run.of(ObjectArrays.concat(command, args, String.class));
    assertEquals(ExitCodes.OK, run.exitCode(), run.err());
    return new ObjectMapper().readTree(run.out());
  }

  private static List<String> functions(JsonNode calls) {
    List<String> names = new ArrayList<>();
    for (JsonNode call : calls) {
      names.add(call.get("function").asText());
      names.addAll(functions(call.get("calls")));
    }
    return names;
  }

  private static List<String> names(JsonNode calls) {
    List<String> names = new ArrayList<>();
    calls.forEach(call -> names.add(call.get("function").asText()));
    return names;
  }

  private static JsonNode find(JsonNode calls, String function) {
    return Iterables.getOnlyElement(
        Iterables.filter(
            calls.findParents("function"), call -> call.get("function").asText().equals(function)));
  }

  @Test
  void aDmaDomainIsMappedThroughAllocatorAndPageTable() throws JsonProcessingException {
    JsonNode path = path(SERVER, NIC);
    assertEquals(
        List.of(
            "dma_map_page_attrs",
            "intel_map_page",
            "__intel_map_single",
            "intel_alloc_iova",
            "alloc_iova_fast",
            "alloc_iova",
            "domain_pfn_mapping",
            "alloc_pgtable_page",
            "alloc_pgtable_page"),
        functions(path.get("map")));
    JsonNode single = find(path.get("map"), "__intel_map_single");
    assertEquals(
        List.of("intel_alloc_iova", "domain_pfn_mapping"),
        names(single.get("calls")),
        "both are called by it");
    String dmaAddr = path.get("dmaAddr").asText();
    assertEquals("0xfffff000", dmaAddr);
    assertEquals(dmaAddr, single.get("answer").asText());
    assertEquals(path.at("/buffer/phys").asText(), path.get("seenPhys").asText());
  }

  @Test
  void aLazyDomainIsFlushedByTheTimer() throws JsonProcessingException {
    JsonNode path = path(SERVER, NIC);
    assertEquals(
        List.of(
            "dma_unmap_page_attrs",
            "intel_unmap_page",
            "intel_unmap",
            "domain_unmap",
            "queue_iova"),
        functions(path.get("unmap")));
    assertEquals(
        List.of("fq_flush_timeout", "iova_domain_flush", "iommu_flush_iova", "free_iova_fast"),
        functions(path.get("flush")));
    assertTrue(path.at("/deviceReaches/unmapped").asBoolean());
    assertFalse(path.at("/deviceReaches/flushed").asBoolean());
  }

  @Test
  void aStrictDomainIsFlushedOnTheSpot() throws JsonProcessingException {
    JsonNode path = path(SERVER, NIC, "--cmdline", "intel_iommu=on,strict", "--direction", "to");
    assertTrue(functions(path.get("unmap")).contains("iommu_flush_iotlb_psi"));
    assertEquals(List.of(), functions(path.get("flush")));
    assertTrue(path.at("/deviceReaches/mapped").asBoolean());
    assertFalse(path.at("/deviceReaches/unmapped").asBoolean());
  }

  @Test
  void passthroughIsTheAddressItself() throws JsonProcessingException {
    JsonNode path = path(SERVER, NIC, "--cmdline", "intel_iommu=on iommu=pt");
    assertEquals(List.of("dma_map_page_attrs", "dma_direct_map_page"), functions(path.get("map")));
    assertEquals(path.at("/buffer/phys").asText(), path.get("dmaAddr").asText());
    assertTrue(path.at("/deviceReaches/flushed").asBoolean());
  }

  @Test
  void whatADirectDeviceCannotReachBounces() throws JsonProcessingException {
    JsonNode path = path(LAPTOP, DOCK, "--cmdline", "intel_iommu=off", "--mask", "32");
    assertEquals(
        List.of(
            "dma_map_page_attrs",
            "dma_direct_map_page",
            "swiotlb_map",
            "swiotlb_tbl_map_single",
            "find_slots",
            "swiotlb_bounce"),
        functions(path.get("map")));
    assertEquals(
        List.of(
            "dma_unmap_page_attrs",
            "dma_direct_unmap_page",
            "swiotlb_tbl_sync_single",
            "swiotlb_bounce",
            "swiotlb_tbl_unmap_single"),
        functions(path.get("unmap")));
  }

  @Test
  void anUntrustedDeviceGetsASlotForWhatDoesNotFillItsPages() throws JsonProcessingException {
    List<String> whole = functions(path(LAPTOP, DOCK).get("map"));
    assertFalse(whole.contains("swiotlb_tbl_map_single"), whole.toString());
    JsonNode path = path(LAPTOP, DOCK, "--offset", "64", "--size", "1500");
    assertEquals(
        List.of(
            "dma_map_page_attrs",
            "bounce_map_page",
            "bounce_map_single",
            "intel_alloc_iova",
            "alloc_iova_fast",
            "alloc_iova",
            "swiotlb_tbl_map_single",
            "find_slots",
            "swiotlb_bounce",
            "domain_pfn_mapping",
            "alloc_pgtable_page",
            "alloc_pgtable_page"),
        functions(path.get("map")));
    assertEquals(
        find(path.get("map"), "swiotlb_tbl_map_single").get("answer").asText(),
        path.get("seenPhys").asText());
    assertEquals("1500", find(path.get("map"), "swiotlb_bounce").at("/arguments/size").asText());
  }

  @Test
  void aFailureShowsWhereItFailed() throws JsonProcessingException {
    String[] args = {LAPTOP, DOCK, "--cmdline", "intel_iommu=on swiotlb=noforce", "--offset", "64"};
    JsonNode path = path(args);
    assertEquals("find_slots", path.get("failedIn").asText());
    assertTrue(path.get("dmaAddr").isNull());
    assertEquals(0, path.get("unmap").size());
    Run run = Run.of(ObjectArrays.concat("path", args));
    assertTrue(
        run.out().contains("\nno mapping: find_slots failed (kernel/dma/swiotlb.c)\n"), run.out());
    assertTrue(
        run.lines().stream()
            .anyMatch(
                line -> line.matches(".* DMAR: Device bounce map: 1000@\\w+040 dir 2 --- failed")),
        run.out());
  }

  @Test
  void whatNoKernelSurvivesIsNamedInOneLine(@TempDir Path directory) throws IOException {
    Path iomem = Captures.unpack(LAPTOP, directory).resolve("proc/iomem");
    List<String> lines = Files.readAllLines(iomem);
    Files.write(iomem, lines.subList(0, Iterables.indexOf(lines, l -> l.startsWith("100000000-"))));
    Run run =
        Run.of(
            "path",
            directory.toString(),
            DOCK,
            "--cmdline",
            "intel_iommu=on swiotlb=65536",
            "--offset",
            "64");
    assertEquals(ExitCodes.BAD_INPUT, run.exitCode());
    assertEquals("", run.out());
    assertTrue(
        run.err()
            .endsWith(
                "no kernel survives this mapping: 4096 bytes in 2 of 65536 slots, of which 0 are"
                    + " there (see 'iommu4j path --help')\n"),
        run.err());
  }

  @Test
  void theTextNestsCallsUnderTheirFiles() {
    Run run = Run.of("path", SERVER, NIC);
    String text = String.join("\n", run.lines());
    assertTrue(
        text.contains(
            """
            drivers/iommu/iova.c
                      alloc_iova_fast(size=1, limit_pfn=0xfffff, flush_rcache=false) = 0xfffff
                        alloc_iova(size=1, limit_pfn=0xfffff, size_aligned=true) = 0xfffff
            drivers/iommu/intel/iommu.c
                    domain_pfn_mapping(\
            """),
        text);
    assertTrue(run.lines().stream().allMatch(line -> line.length() <= 100), text);
  }
}
