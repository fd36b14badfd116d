package org.iommu4j.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import jdk.jfr.EventType;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.iommu4j.base.trace.CallRecorder;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.KernelSource;
import org.iommu4j.base.trace.TracedCall;
import org.iommu4j.base.trace.Tracepoints;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.iova.IovaDomain;
import org.junit.jupiter.api.Test;

/** Tracepoints are found, named after the kernel's functions, and nest as the calls do. */
final class TracepointsTest {
  private static final Set<String> OF_ALL_EVENTS =
      Set.of("startTime", "duration", "eventThread", "stackTrace");

  private static List<Class<? extends KernelCall>> found() {
    List<Class<? extends KernelCall>> calls = new ArrayList<>();
    ServiceLoader.load(Tracepoints.class).forEach(module -> calls.addAll(module.calls()));
    return calls;
  }

  @Test
  void everyCallIsNamedByItsModule() {
    Set<String> declared =
        new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.iommu4j")
                .stream()
                .filter(type -> type.isAssignableTo(KernelCall.class))
                .filter(type -> !type.getModifiers().contains(JavaModifier.ABSTRACT))
                .map(JavaClass::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    assertFalse(declared.isEmpty());
    assertEquals(
        declared,
        found().stream().map(Class::getName).collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void everyCallHasTheNameOfItsFunctionAndThatOnce() {
    Set<String> names = new TreeSet<>();
    for (Class<? extends KernelCall> call : found()) {
      String source = call.getAnnotation(KernelSource.class).value();
      assertTrue(source.matches("[a-z/-]+\\.[ch]:\\w+"), source);
      String name = call.getAnnotation(Name.class).value();
      assertEquals("org.iommu4j." + source.substring(source.indexOf(':') + 1), name);
      assertTrue(names.add(name), name);
    }
  }

  @Test
  void everyCallHasTheFieldsOfItsFunctionInOrder() {
    assertEquals(
        """
        __intel_map_single: device *paddr size dir *dmaMask *answer
        __iommu_dma_unmap: *dmaAddr size
        alloc_iova: size *limitPfn sizeAligned *answer
        alloc_iova_fast: size *limitPfn flushRcache *answer
        alloc_pgtable_page: *answer
        bounce_map_page: device *paddr size dir attrs *answer
        bounce_map_single: device *paddr size dir attrs *dmaMask *answer
        bounce_unmap_page: device *devAddr size dir attrs
        bounce_unmap_single: device *devAddr size dir attrs
        dma_direct_map_page: device *phys size dir attrs *answer
        dma_direct_unmap_page: device *addr size dir attrs
        dma_map_page_attrs: device ops *page *offset size dir attrs *answer
        dma_unmap_page_attrs: device ops *addr size dir attrs
        domain_pfn_mapping: *iovPfn *physPfn nrPages *prot answer
        domain_unmap: *startPfn *lastPfn
        find_slots: *origAddr allocSize answer
        fq_flush_timeout:
        free_iova_fast: *pfn size
        intel_alloc_iova: nrpages *dmaMask *answer
        intel_iommu_iova_to_phys: *iova *answer
        intel_map_page: device *paddr size dir attrs *answer
        intel_unmap: device *devAddr size
        intel_unmap_page: device *devAddr size dir attrs
        iommu_dma_alloc_iova: size *dmaLimit *answer
        iommu_dma_map_page: device *paddr size dir attrs *answer
        iommu_dma_unmap_page: device *devAddr size dir attrs
        iommu_flush_iotlb_psi: iommu *pfn pages ih
        iommu_flush_iova:
        iova_domain_flush:
        queue_iova: *pfn pages
        swiotlb_bounce: *from *to size
        swiotlb_map: device *paddr size attrs *answer
        swiotlb_tbl_map_single: device *origAddr mappingSize allocSize attrs *answer
        swiotlb_tbl_sync_single: device *tlbAddr size dir target
        swiotlb_tbl_unmap_single: device *tlbAddr mappingSize allocSize dir attrs
        """,
        found().stream().map(TracepointsTest::shape).sorted().collect(Collectors.joining()));
  }

  // Addresses have a star; whether a call failed comes last in each.
  private static String shape(Class<? extends KernelCall> call) {
    EventType type = EventType.getEventType(call);
    List<String> fields =
        type.getFields().stream()
            .filter(field -> !OF_ALL_EVENTS.contains(field.getName()))
            .map(
                field ->
                    (field.getAnnotation(MemoryAddress.class) == null ? "" : "*") + field.getName())
            .toList();
    assertEquals("failed", fields.get(fields.size() - 1));
    String named = String.join(" ", fields.subList(0, fields.size() - 1));
    return (type.getLabel() + ": " + named).trim() + "\n";
  }

  @Test
  void callsNestInTheOrderOfTheirCalling() {
    IovaDomain domain = new IovaDomain(Linux510.RULES.iova(), 4096, 1, 1);
    List<TracedCall> calls =
        CallRecorder.record(
            () -> {
              long pfn = domain.allocFast(0, 1, 100, false);
              domain.freeFast(0, pfn, 1);
              domain.allocFast(0, 1, 100, false);
              domain.allocFast(0, 64, 10, true);
            });
    assertEquals(
        List.of("alloc_iova_fast", "free_iova_fast", "alloc_iova_fast", "alloc_iova_fast"),
        calls.stream().map(TracedCall::function).toList());
    assertEquals(List.of(1, 0, 0, 2), calls.stream().map(call -> call.calls().size()).toList());
    assertEquals("0x64", calls.get(0).answer());
    assertEquals(
        "{size=1, limit_pfn=0x64, flush_rcache=false}", calls.get(0).arguments().toString());
    assertFalse(calls.get(2).failed());
    assertTrue(calls.get(3).failed());
    assertEquals("alloc_iova", calls.get(3).cause().function());
  }

  @Test
  void otherThreadsAreNotRecorded() {
    IovaDomain domain = new IovaDomain(Linux510.RULES.iova(), 4096, 1, 1);
    List<TracedCall> calls =
        CallRecorder.record(
            () -> {
              Thread other = new Thread(() -> domain.allocFast(0, 1, 100, false));
              other.start();
              try {
                other.join();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    assertEquals(List.of(), calls);
  }
}
