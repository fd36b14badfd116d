package org.iommu4j.testkit.invariants;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.iommu4j.base.Pages;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.testkit.Rig;

/**
 * Some pages that are full of bytes nobody may touch, buffers in them that are mapped for a device,
 * and what CPU and device have to find there. Not thread-safe.
 */
final class StreamingModel {
  private static final int AREA_ORDER = 4;
  private static final int NONE = DmaAttributes.NONE;

  /** What earlier mappings left in the bounce slots, which no device may find. */
  private static final byte LEFTOVER = 0x77;

  /** The bytes of memory that buffers are in. */
  static final int AREA_BYTES = PAGE_BYTES << AREA_ORDER;

  private final Rig rig;
  private final Isolation isolation;
  private final long areaPhys;
  private final Random bytes = new Random(1);

  /** What the CPU has to find. */
  private final byte[] area = new byte[AREA_BYTES];

  private final List<StreamedBuffer> live = new ArrayList<>();
  private boolean hasBounced;

  StreamingModel(Rig rig, Isolation isolation) {
    this.rig = rig;
    this.isolation = isolation;
    this.areaPhys = rig.allocPages(AREA_ORDER);
    bytes.nextBytes(area);
    rig.cpuWrites(areaPhys, area);
    PhysRange pool = rig.pool().range();
    rig.memory().fill(pool.startPhys(), pool.endPhys() - pool.startPhys(), LEFTOVER);
  }

  private DmaMapping dma() {
    return rig.dma();
  }

  private byte[] fresh(int sizeBytes) {
    byte[] made = new byte[sizeBytes];
    bytes.nextBytes(made);
    return made;
  }

  private byte[] expected(int offset, int sizeBytes) {
    return Arrays.copyOfRange(area, offset, offset + sizeBytes);
  }

  void map(int wantedOffset, int wantedBytes, DmaDirection direction) {
    int offset = wantedOffset % AREA_BYTES;
    int size = Math.min(wantedBytes, AREA_BYTES - offset);
    if (live.stream().anyMatch(buffer -> buffer.overlaps(offset, size))) {
      return;
    }
    long dmaAddr = dma().mapSingle(rig.device(), areaPhys + offset, size, direction, NONE);
    if (dma().mappingError(dmaAddr)) {
      throw new AssertionError("a buffer of " + size + " bytes is not mapped");
    }
    StreamedBuffer buffer = new StreamedBuffer(offset, expected(offset, size), direction, dmaAddr);
    checkOwnSlots(buffer);
    if (isBounced(buffer)) {
      hasBounced = true;
    } else if (seen(buffer).startPhys() != areaPhys + offset) {
      throw new AssertionError(seen(buffer) + " is neither the buffer nor a bounce slot");
    }
    live.add(buffer);
    check();
  }

  // Two bounced buffers that share a byte of memory would be each other's.
  private void checkOwnSlots(StreamedBuffer added) {
    for (StreamedBuffer other : live) {
      PhysRange one = seen(added);
      PhysRange two = seen(other);
      boolean shared = one.startPhys() < two.endPhys() && two.startPhys() < one.endPhys();
      if (shared) {
        throw new AssertionError(one + " and " + two + " are two buffers");
      }
    }
  }

  private PhysRange seen(StreamedBuffer buffer) {
    long phys = rig.seenPhys(buffer.dmaAddr());
    return new PhysRange(phys, phys + buffer.sizeBytes());
  }

  private boolean isBounced(StreamedBuffer buffer) {
    return rig.pool().contains(rig.seenPhys(buffer.dmaAddr()));
  }

  /** The device works on a part of a buffer: it reads what is there, or writes. */
  void deviceTurn(int choice, int from, int length) {
    if (live.isEmpty()) {
      return;
    }
    StreamedBuffer buffer = live.get(choice % live.size());
    int start = from % buffer.sizeBytes();
    int size = Math.min(length, buffer.sizeBytes() - start);
    if (buffer.direction().deviceWrites()) {
      byte[] written = fresh(size);
      rig.deviceWrites(buffer.dmaAddr() + start, written);
      buffer.put(start, written);
      if (!isBounced(buffer)) {
        System.arraycopy(written, 0, area, buffer.offset() + start, size);
      }
    }
    check();
  }

  /** The CPU works on a part of a buffer, between the two syncs that the DMA API asks for. */
  void cpuTurn(int choice, int from, int length) {
    if (live.isEmpty()) {
      return;
    }
    StreamedBuffer buffer = live.get(choice % live.size());
    int start = from % buffer.sizeBytes();
    int size = Math.min(length, buffer.sizeBytes() - start);
    DmaDirection direction = buffer.direction();
    dma().syncSingleRangeForCpu(rig.device(), buffer.dmaAddr(), start, size, direction);
    adopt(buffer, start, size);
    checkArea();
    if (direction.deviceReads()) {
      byte[] written = fresh(size);
      rig.cpuWrites(areaPhys + buffer.offset() + start, written);
      System.arraycopy(written, 0, area, buffer.offset() + start, size);
      dma().syncSingleRangeForDevice(rig.device(), buffer.dmaAddr(), start, size, direction);
      buffer.put(start, written);
    }
    check();
  }

  /** From here on the CPU has to find what the device wrote; of other bytes nothing is promised. */
  private void adopt(StreamedBuffer buffer, int start, int size) {
    if (!buffer.direction().deviceWrites()) {
      return;
    }
    byte[] there = rig.cpuReads(areaPhys + buffer.offset() + start, size);
    for (int i = 0; i < size; i++) {
      boolean known = buffer.isKnown(start + i);
      area[buffer.offset() + start + i] = known ? buffer.deviceByte(start + i) : there[i];
    }
  }

  void unmap(int choice) {
    if (live.isEmpty()) {
      return;
    }
    StreamedBuffer buffer = live.remove(choice % live.size());
    dma().unmapSingle(rig.device(), buffer.dmaAddr(), buffer.sizeBytes(), buffer.direction(), NONE);
    adopt(buffer, 0, buffer.sizeBytes());
    check();
  }

  private void check() {
    checkArea();
    live.forEach(this::checkDeviceSees);
    live.forEach(this::checkIsolation);
    checkArea();
    rig.pool().checkInvariants();
  }

  private void checkArea() {
    byte[] found = rig.cpuReads(areaPhys, AREA_BYTES);
    int at = Arrays.mismatch(area, found);
    if (at >= 0) {
      throw new AssertionError(String.format("the CPU finds another byte at offset 0x%x", at));
    }
  }

  private void checkDeviceSees(StreamedBuffer buffer) {
    if (!buffer.direction().deviceReads()) {
      return;
    }
    byte[] found = rig.deviceReads(buffer.dmaAddr(), buffer.sizeBytes());
    for (int i = 0; i < found.length; i++) {
      if (buffer.isKnown(i) && found[i] != buffer.deviceByte(i)) {
        throw new AssertionError(
            String.format("the device finds another byte at 0x%x", buffer.dmaAddr() + i));
      }
    }
  }

  private void checkIsolation(StreamedBuffer buffer) {
    if (isolation == Isolation.NONE) {
      return;
    }
    long firstIova = Pages.alignDown(buffer.dmaAddr());
    long endIova = Pages.alignUp(buffer.dmaAddr() + buffer.sizeBytes());
    int before = (int) (buffer.dmaAddr() - firstIova);
    byte[] found = new byte[(int) (endIova - firstIova)];
    if (rig.bus().read(firstIova, found, 0, found.length) == null) {
      checkBeside(found, firstIova, 0, before, buffer.offset() - before);
      int end = before + buffer.sizeBytes();
      checkBeside(found, firstIova, end, found.length, buffer.offset() - before);
    }
    if (isolation == Isolation.BYTES && before + buffer.sizeBytes() < found.length) {
      checkLost(buffer, buffer.sizeBytes());
      checkLost(buffer, found.length - before - 1);
    }
    checkNobodys(firstIova - 1);
    checkNobodys(endIova);
  }

  private void checkNobodys(long iova) {
    boolean somebodys =
        live.stream()
            .anyMatch(
                buffer ->
                    iova >>> PAGE_SHIFT >= buffer.dmaAddr() >>> PAGE_SHIFT
                        && iova >>> PAGE_SHIFT
                            <= (buffer.dmaAddr() + buffer.sizeBytes() - 1) >>> PAGE_SHIFT);
    if (!somebodys && (rig.canRead(iova) || rig.canWrite(iova, (byte) 0))) {
      throw new AssertionError(String.format("0x%x is mapped for nobody, and reached", iova));
    }
  }

  /**
   * Checks bytes that are mapped together with a buffer and are none of it.
   *
   * @param found what the device read from {@code firstIova} on
   * @param inArea where in the area that would be if it were mapped in place
   */
  private void checkBeside(byte[] found, long firstIova, int from, int to, int inArea) {
    for (int i = from; i < to; i++) {
      byte wanted = isolation == Isolation.BYTES ? 0 : area[inArea + i];
      if (found[i] != wanted) {
        throw new AssertionError(
            String.format("0x%x, beside a buffer, reads as %02x", firstIova + i, found[i]));
      }
    }
  }

  /** Checks that no byte of the CPU's is changed by what the device writes past a buffer. */
  private void checkLost(StreamedBuffer buffer, int at) {
    if (rig.canWrite(buffer.dmaAddr() + at, (byte) 0x5a)) {
      checkArea();
      rig.canWrite(buffer.dmaAddr() + at, (byte) 0);
    }
  }

  /** Unmaps all; no slot is in use then, and all memory but the buffers is as it was. */
  void unmapAll() {
    while (!live.isEmpty()) {
      unmap(0);
    }
    if (rig.pool().usedSlots() != 0) {
      throw new AssertionError(rig.pool().usedSlots() + " slots did not come back");
    }
    if (!hasBounced) {
      checkPoolUntouched();
    }
  }

  private void checkPoolUntouched() {
    PhysRange pool = rig.pool().range();
    byte[] found = rig.cpuReads(pool.startPhys(), (int) (pool.endPhys() - pool.startPhys()));
    for (byte value : found) {
      if (value != LEFTOVER) {
        throw new AssertionError("nothing bounced, and yet something lies in the pool");
      }
    }
  }
}
