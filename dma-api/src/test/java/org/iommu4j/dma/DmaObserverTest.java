package org.iommu4j.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.iommu4j.dma.DispatchRules.FreeBlocks;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** An observer is told of every call: that it begins, and how it ended. */
final class DmaObserverTest {
  private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;
  private static final long PAGE = 1 << 24;

  private final List<String> told = new ArrayList<>();
  private final PlainOps ops = new PlainOps(new PhysRange(PAGE, PAGE + 16 * 4096));
  private final Device device = new Device("dev");
  private final ScatterList list = new ScatterList(1);
  private final DmaMapping dma =
      new DmaMapping(Dispatch.PLAIN, ops, pfn -> pfn == 1, writer("", told));

  private static DmaObserver writer(String name, List<String> told) {
    return (DmaObserver)
        Proxy.newProxyInstance(
            DmaObserver.class.getClassLoader(),
            new Class<?>[] {DmaObserver.class},
            (proxy, method, arguments) -> {
              String values =
                  Arrays.stream(arguments)
                      .map(DmaObserverTest::text)
                      .collect(Collectors.joining(" "));
              told.add(name + method.getName() + " " + values);
              return method.getName().equals("begins") ? proxy : null;
            });
  }

  private static String text(@Nullable Object value) {
    if (value instanceof DmaOps named) {
      return named.symbol();
    }
    if (value instanceof Long number) {
      return Long.toHexString(number);
    }
    return value instanceof ScatterList pieces ? "list of " + pieces.size() : "" + value;
  }

  private void assertTold(String... lines) {
    assertEquals(List.of(lines), told);
    told.clear();
  }

  @Test
  void pagesAreMappedAndUnmapped() {
    long dmaAddr = dma.mapPage(device, PAGE, 16, 100, BOTH, 2);
    dma.unmapPage(device, dmaAddr, 100, BOTH, 2);
    assertTold(
        "begins MAP_PAGE dev plain",
        "mapPage dev 1000000 10 64 BIDIRECTIONAL 2 10001000010",
        "begins UNMAP_PAGE dev plain",
        "unmapPage dev 10001000010 64 BIDIRECTIONAL 2");
    dma.unmapSingle(device, dma.mapSingle(device, PAGE + 16, 100, BOTH, 2), 100, BOTH, 2);
    assertTold(
        "begins MAP_PAGE dev plain",
        "mapPage dev 1000000 10 64 BIDIRECTIONAL 2 10001000010",
        "begins UNMAP_PAGE dev plain",
        "unmapPage dev 10001000010 64 BIDIRECTIONAL 2");
  }

  @Test
  void aFailureIsAnAnswer() {
    ops.leftToMap = 0;
    assertEquals(DmaMapping.MAPPING_ERROR, dma.mapPage(device, PAGE, 0, 1, BOTH, 0));
    dma.mappingError(device, DmaMapping.MAPPING_ERROR);
    dma.mappingError(device, 5);
    assertTold(
        "begins MAP_PAGE dev plain",
        "mapPage dev 1000000 0 1 BIDIRECTIONAL 0 ffffffffffffffff",
        "mappingError dev ffffffffffffffff true",
        "mappingError dev 5 false");
  }

  @Test
  void memoryIsNoResource() {
    dma.mapResource(device, 4096, 8, BOTH, 0);
    dma.unmapResource(device, dma.mapResource(device, 8192, 8, BOTH, 0), 8, BOTH, 0);
    assertTold(
        "begins MAP_RESOURCE dev plain",
        "mapResource dev 1000 8 BIDIRECTIONAL 0 ffffffffffffffff",
        "begins MAP_RESOURCE dev plain",
        "mapResource dev 2000 8 BIDIRECTIONAL 0 10000002000",
        "begins UNMAP_RESOURCE dev plain",
        "unmapResource dev 10000002000 8 BIDIRECTIONAL 0");
  }

  @Test
  void listsAreMappedSyncedAndUnmapped() {
    list.add(PAGE, 0, 4096);
    dma.mapSg(device, list, BOTH, 0);
    dma.syncSgForCpu(device, list, BOTH);
    dma.syncSgForDevice(device, list, BOTH);
    dma.unmapSg(device, list, BOTH, 0);
    ops.leftToMap = 0;
    dma.mapSg(device, list, BOTH, 0);
    assertTold(
        "begins MAP_SG dev plain",
        "mapSg dev list of 1 BIDIRECTIONAL 0 1",
        "begins SYNC_SG_FOR_CPU dev plain",
        "syncSgForCpu dev list of 1 BIDIRECTIONAL",
        "begins SYNC_SG_FOR_DEVICE dev plain",
        "syncSgForDevice dev list of 1 BIDIRECTIONAL",
        "begins UNMAP_SG dev plain",
        "unmapSg dev list of 1 BIDIRECTIONAL 0",
        "begins MAP_SG dev plain",
        "mapSg dev list of 1 BIDIRECTIONAL 0 0");
  }

  @Test
  void partsAreSyncedWhereTheyLie() {
    dma.syncSingleRangeForCpu(device, 0x1000, 0x10, 4, BOTH);
    dma.syncSingleRangeForDevice(device, 0x1000, 0x20, 4, BOTH);
    assertTold(
        "begins SYNC_SINGLE_FOR_CPU dev plain",
        "syncSingleForCpu dev 1010 4 BIDIRECTIONAL",
        "begins SYNC_SINGLE_FOR_DEVICE dev plain",
        "syncSingleForDevice dev 1020 4 BIDIRECTIONAL");
  }

  @Test
  void coherentMemoryIsSeenWhoeverAsksForIt() {
    DmaPools pools =
        new DmaPools(
            FreeBlocks.PAGEWISE, dma, ops.memory, new DeviceLog(line -> {}, () -> 0L), false);
    DmaPool pool = Objects.requireNonNull(pools.create("pool", device, 64, 0, 0));
    pool.free(Objects.requireNonNull(pool.alloc()));
    pool.destroy();
    dma.allocCoherent(device, 1L << 40, 0);
    String buffer =
        "CoherentBuffer[phys=16777216, dmaAddr=1099528404992, sizeBytes=4096, pieces=[]]";
    assertTold(
        "begins ALLOC_COHERENT dev plain",
        "allocCoherent dev 1000 0 " + buffer,
        "begins FREE_COHERENT dev plain",
        "freeCoherent dev " + buffer + " 0",
        "begins ALLOC_COHERENT dev plain",
        "allocCoherent dev 10000000000 0 null");
  }

  @Test
  void pagesThatComeMappedAreSeenOnce() {
    NoncoherentMemory memory = new NoncoherentMemory(dma);
    memory.freePages(device, Objects.requireNonNull(memory.allocPages(device, 1, BOTH)));
    device.setCoherentDmaMask(0);
    memory.allocNoncoherent(device, 1, BOTH);
    String pages =
        "DmaPages[phys=16777216, dmaAddr=1099528404992, sizeBytes=4096, direction=BIDIRECTIONAL]";
    assertTold(
        "begins ALLOC_PAGES dev plain",
        "allocPages dev 1 BIDIRECTIONAL " + pages,
        "begins FREE_PAGES dev plain",
        "freePages dev " + pages,
        "begins ALLOC_PAGES dev plain",
        "allocPages dev 1 BIDIRECTIONAL null");
  }

  @Test
  void misuseIsNoCall() {
    assertThrows(
        IllegalArgumentException.class,
        () -> dma.mapPage(device, PAGE, 0, 1, DmaDirection.NONE, 0));
    assertTold();
  }

  @Test
  void everyKindOfCallHasItsMethod() {
    TreeSet<String> methods = new TreeSet<>();
    for (Method method : DmaObserver.class.getMethods()) {
      methods.add(method.getName().replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT));
    }
    methods.removeAll(List.of("BEGINS", "AND", "MAPPING_ERROR"));
    assertEquals(
        Arrays.stream(DmaCall.values()).map(Enum::name).collect(Collectors.toSet()), methods);
  }

  @Test
  void twoAreToldInOrderAndNobodyCostsNothing() {
    DmaObserver one = writer("one ", told);
    assertSame(one, DmaObserver.NONE.and(one));
    DmaObserver pair = new DmaObserverPair(one, writer("other ", told));
    assertSame(pair, pair.and(DmaObserver.NONE));
    for (Method method : DmaObserver.class.getMethods()) {
      if (method.getReturnType() == void.class) {
        told.clear();
        call(pair, method);
        String rest = told.get(0).substring("one ".length());
        assertTold("one " + rest, "other " + rest);
      }
    }
    assertSame(pair, pair.begins(DmaCall.MAP_SG, device, ops));
  }

  private static void call(DmaObserver observer, Method method) {
    Object[] arguments =
        Arrays.stream(method.getParameterTypes()).map(DmaObserverTest::value).toArray();
    try {
      method.invoke(observer, arguments);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(method.getName(), e);
    }
  }

  private static @Nullable Object value(Class<?> type) {
    if (type == boolean.class) {
      return true;
    }
    return type == long.class ? (Object) 7L : type == int.class ? (Object) 8 : null;
  }
}
