package org.iommu4j.vtd.hw;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.vtd.hw.format.ContextCacheInvalidate;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.DeviceTlbInvalidate;
import org.iommu4j.vtd.hw.format.InvalidationWait;
import org.iommu4j.vtd.hw.format.IotlbInvalidate;
import org.iommu4j.vtd.hw.format.RegisterBits.Granularity;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.junit.jupiter.api.Test;

/** An observer sees what the unit does, in the order in which it does it. */
final class HardwareObserverTest {
  private static final int DOMAIN = 5;
  private static final int LEVELS = 3;

  private final List<String> told = new ArrayList<>();
  private final Rig rig = new Rig(HardwareConfig.of(Rig.FULL, 48), writer(told));
  private final long top = rig.frame();
  private final long page = rig.frame();

  private static HardwareObserver writer(List<String> told) {
    return (HardwareObserver)
        Proxy.newProxyInstance(
            HardwareObserver.class.getClassLoader(),
            new Class<?>[] {HardwareObserver.class},
            (proxy, method, arguments) -> {
              String values =
                  arguments == null
                      ? ""
                      : Arrays.stream(arguments)
                          .map(value -> value instanceof Long n ? Long.toHexString(n) : "" + value)
                          .collect(Collectors.joining(" ", " ", ""));
              told.add(method.getName() + values);
              return null;
            });
  }

  private void assertTold(String... lines) {
    assertEquals(List.of(lines), told);
    told.clear();
  }

  private void boot() {
    rig.set(top, LEVELS, 0x5000, 1, SecondLevelEntry.leaf(page, 1, true, false));
    rig.boot(ContextEntry.of(ContextEntry.TT_UNTRANSLATED, top, LEVELS, DOMAIN));
    told.clear();
  }

  private String hex(long number) {
    return Long.toHexString(number);
  }

  @Test
  void aMissWalksAndAHitDoesNot() {
    boot();
    Requester device = rig.requester(Rig.DEVICE);
    device.read(0x5010, new byte[8], 0, 8);
    device.read(0x5020, new byte[8], 0, 8);
    assertTold(
        "requesterLookedUp 32 true",
        "walked 32 5010 3 " + hex(page + 0x10),
        "accessed 32 5010 8 false " + hex(page + 0x10),
        "accessed 32 5020 8 false " + hex(page + 0x20));
  }

  @Test
  void whatIsRefusedIsAFaultAndAnAccessThatWentNowhere() {
    boot();
    Requester device = rig.requester(Rig.DEVICE);
    device.read(0x5ff8, new byte[16], 0, 16);
    device.write(0x5000, new byte[4], 0, 4);
    assertTold(
        "requesterLookedUp 32 true",
        "walked 32 5ff8 3 " + hex(page + 0xff8),
        "accessed 32 5ff8 8 false " + hex(page + 0xff8),
        "walked 32 6000 3 " + hex(-1),
        "faulted 32 6000 false READ_DENIED true",
        "accessed 32 6000 8 false " + hex(-1),
        "faulted 32 5000 true WRITE_DENIED false",
        "accessed 32 5000 4 true " + hex(-1));
  }

  @Test
  void anAccessWithoutAFaultCanBeRefusedToo() {
    rig.requester(Rig.DEVICE).read(0xfee0_0000L, new byte[4], 0, 4);
    rig.requester(Rig.DEVICE).read(0x1000, new byte[4], 0, 4);
    assertTold("accessed 32 fee00000 4 false " + hex(-1), "accessed 32 1000 4 false 1000");
  }

  @Test
  void aDeviceWithoutAContextIsLookedUpAndFaults() {
    boot();
    rig.requester(7 << 3).write(0x5000, new byte[4], 0, 4);
    assertTold(
        "requesterLookedUp 56 false",
        "faulted 56 5000 true CONTEXT_NOT_PRESENT true",
        "accessed 56 5000 4 true " + hex(-1));
  }

  @Test
  void invalidationsAreSeenByKindAndInOrder() {
    boot();
    rig.enableQueue();
    rig.unit.setDeviceTlb((sourceId, startIova, lengthBytes) -> sourceId == Rig.DEVICE);
    rig.submit(ContextCacheInvalidate.low(Granularity.GLOBAL, 0, 0, 0), 0);
    rig.submit(ContextCacheInvalidate.low(Granularity.SELECTIVE, DOMAIN, Rig.DEVICE, 0), 0);
    rig.submit(IotlbInvalidate.low(Granularity.DOMAIN, DOMAIN, false), 0);
    rig.submit(
        IotlbInvalidate.low(Granularity.SELECTIVE, DOMAIN, false),
        IotlbInvalidate.high(0x5000, 1, false));
    rig.submit(DeviceTlbInvalidate.low(Rig.DEVICE, 0, 0), DeviceTlbInvalidate.high(0x5000, 0));
    rig.submit(InvalidationWait.lowStatus(1), InvalidationWait.high(rig.frame()));
    assertTold(
        "requestersInvalidated ALL 0 0",
        "requestersInvalidated PART 5 32",
        "translationsInvalidated DOMAIN 5 0 0",
        "translationsInvalidated PART 5 4000 2000",
        "deviceTlbInvalidated 32 5000 1000 true",
        "invalidationsDone");
  }

  @Test
  void aDeviceThatDoesNotAnswerLeavesItsWaitUndone() {
    boot();
    rig.enableQueue();
    rig.unit.setDeviceTlb((sourceId, startIova, lengthBytes) -> false);
    rig.submit(DeviceTlbInvalidate.low(Rig.DEVICE, 0, 0), DeviceTlbInvalidate.high(0x5000, 0));
    rig.submit(InvalidationWait.lowStatus(1), InvalidationWait.high(rig.frame()));
    assertTold("deviceTlbInvalidated 32 5000 1000 false");
  }

  @Test
  void aWrongRequestForgetsNothingAndIsNotSeen() {
    boot();
    rig.enableQueue();
    rig.submit(IotlbInvalidate.low(Granularity.NONE, DOMAIN, false), 0);
    assertTold();
  }
}
