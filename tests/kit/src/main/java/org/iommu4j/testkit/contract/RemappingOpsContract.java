package org.iommu4j.testkit.contract;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.VendorFixture;
import org.junit.jupiter.api.Test;

/**
 * What {@link org.iommu4j.dma.DmaOps} that remap promise besides: a device reaches what is mapped
 * for it and nothing else, and a full address space is a failure and no exception.
 */
public abstract class RemappingOpsContract extends DmaOpsContract {
  private static final int NONE = DmaAttributes.NONE;

  /** The smallest mask that every platform must serve: what ISA's controllers had. */
  private static final long SMALL_MASK = DmaMapping.bitMask(24);

  /** Makes a test. */
  protected RemappingOpsContract() {}

  /** Returns the vendor whose operations are tested. */
  protected abstract VendorFixture fixture();

  @Override
  protected final Rig boot() {
    return Rig.boot(fixture());
  }

  private IommuDomain domain() {
    return rig().system().domain(rig().address()).orElseThrow();
  }

  private void assertUnreachable(long iova) {
    assertFalse(rig().canRead(iova), () -> String.format("0x%x can be read", iova));
    assertFalse(rig().canWrite(iova, (byte) 1), () -> String.format("0x%x can be written", iova));
  }

  private void awaitFlush() {
    if (!rig().isStrict()) {
      rig().letTimersFlush();
    }
  }

  /** The kit's device is remapped, or none of what follows means anything. */
  @Test
  public void theDeviceHasADomainForMappings() {
    assertNotNull(rig().device().dmaOps());
    assertTrue(domain().type().isDmaApi());
    assertTrue(rig().system().report().iommu().enabled());
  }

  /** The rights of a mapping are those of its direction. */
  @Test
  public void aDirectionIsARight() {
    long page = rig().allocPages(0);
    for (DmaDirection direction : DmaDirection.values()) {
      if (direction == DmaDirection.NONE) {
        continue;
      }
      long dmaAddr = map(page, PAGE_BYTES, direction);
      boolean reads = direction.deviceReads() || fixture().writeOnlyIsReadable();
      assertEquals(reads, rig().canRead(dmaAddr), () -> "read " + direction);
      assertEquals(direction.deviceWrites(), rig().canWrite(dmaAddr, (byte) 1), direction::name);
      unmap(dmaAddr, PAGE_BYTES, direction);
      awaitFlush();
    }
  }

  /** A device that has nothing mapped reaches nothing, physical addresses least of all. */
  @Test
  public void nothingIsReachableUnmapped() {
    assertUnreachable(rig().allocPages(0));
    assertUnreachable(0);
    assertUnreachable(KitMachine.DIRECT.first());
  }

  /** An access ends where the mapping ends, and says how far it came. */
  @Test
  public void anAccessEndsWithItsMapping() {
    long page = rig().allocPages(1);
    long dmaAddr = map(page, 2 * PAGE_BYTES, DmaDirection.TO_DEVICE);
    byte[] into = new byte[3 * PAGE_BYTES];
    var error = Objects.requireNonNull(rig().bus().read(dmaAddr, into, 0, into.length));
    assertEquals(2 * PAGE_BYTES, error.completedBytes());
    assertEquals(dmaAddr + 2 * PAGE_BYTES, error.iova());
    assertUnreachable(dmaAddr - 1);
  }

  /** After unmap the device, though it had used the mapping, does not get at the buffer. */
  @Test
  public void nothingIsReachableAfterUnmap() {
    long page = rig().allocPages(1);
    for (int size : new int[] {1, PAGE_BYTES, 2 * PAGE_BYTES}) {
      long dmaAddr = map(page, size, DmaDirection.BIDIRECTIONAL);
      assertTrue(rig().canRead(dmaAddr) && rig().canWrite(dmaAddr + size - 1, (byte) 2));
      unmap(dmaAddr, size, DmaDirection.BIDIRECTIONAL);
      awaitFlush();
      assertUnreachable(dmaAddr);
      assertUnreachable(dmaAddr + size - 1);
    }
  }

  /** All pieces of an unmapped list are out of reach. */
  @Test
  public void noPieceIsReachableAfterUnmap() {
    ScatterList list = new ScatterList(2);
    list.add(rig().allocPages(0), 16, 32);
    list.add(rig().allocPages(1), 0, 2 * PAGE_BYTES);
    int entries = rig().dma().mapSg(rig().device(), list, DmaDirection.TO_DEVICE, NONE);
    Deque<Long> mapped = new ArrayDeque<>();
    for (int i = 0; i < entries; i++) {
      mapped.add(list.dmaAddr(i));
      mapped.add(list.dmaAddr(i) + list.dmaLengthBytes(i) - 1);
    }
    mapped.forEach(iova -> assertTrue(rig().canRead(iova)));
    rig().dma().unmapSg(rig().device(), list, DmaDirection.TO_DEVICE, NONE);
    awaitFlush();
    mapped.forEach(this::assertUnreachable);
  }

  /** Freed coherent memory is out of reach. */
  @Test
  public void coherentMemoryIsUnreachableAfterFree() {
    CoherentBuffer buffer =
        Objects.requireNonNull(rig().dma().allocCoherent(rig().device(), 3 * PAGE_BYTES, NONE));
    assertTrue(rig().canWrite(buffer.dmaAddr() + 3 * PAGE_BYTES - 1, (byte) 3));
    rig().dma().freeCoherent(rig().device(), buffer, NONE);
    awaitFlush();
    assertUnreachable(buffer.dmaAddr());
    assertUnreachable(buffer.dmaAddr() + 3 * PAGE_BYTES - 1);
  }

  /** A device of another group does not reach what is mapped for this one. */
  @Test
  public void mappingsAreForOneGroup() {
    long dmaAddr = map(rig().allocPages(0), PAGE_BYTES, DmaDirection.BIDIRECTIONAL);
    assertTrue(rig().canRead(dmaAddr));
    assertFalse(rig().with(KitMachine.OTHER).canRead(dmaAddr));
    assertNull(rig().bus().read(dmaAddr, new byte[8], 0, 8), "the device's own");
  }

  /** Registers are mapped like memory. */
  @Test
  public void registersAreTranslatedToThemselves() {
    long phys = KitMachine.REGISTERS_PHYS + 0x40;
    DmaDirection both = DmaDirection.BIDIRECTIONAL;
    long dmaAddr = rig().dma().mapResource(rig().device(), phys, 0x100, both, NONE);
    assertEquals(phys, domain().iovaToPhys(dmaAddr));
    rig().dma().unmapResource(rig().device(), dmaAddr, 0x100, both, NONE);
    assertEquals(0, domain().iovaToPhys(dmaAddr));
  }

  /**
   * When no address is left, each call fails with its own value; when all come back, each is
   * possible again.
   */
  @Test
  public void aFullAddressSpaceIsAFailure() {
    Rig rig = rig();
    assertEquals(0, rig.dma().setMaskAndCoherent(rig.device(), SMALL_MASK));
    long block = rig.allocPages(5);
    int size = 32 * PAGE_BYTES;
    Deque<Long> mapped = new ArrayDeque<>();
    fill(mapped, block, size);
    fill(mapped, block, PAGE_BYTES);
    ScatterList list = new ScatterList(1);
    list.add(block, 0, PAGE_BYTES);
    assertEquals(0, rig.dma().mapSg(rig.device(), list, DmaDirection.TO_DEVICE, NONE));
    assertNull(rig.dma().allocCoherent(rig.device(), PAGE_BYTES, NONE));
    long registers = KitMachine.REGISTERS_PHYS;
    assertEquals(
        DmaMapping.MAPPING_ERROR,
        rig.dma().mapResource(rig.device(), registers, 1, DmaDirection.TO_DEVICE, NONE));
    unmap(Objects.requireNonNull(mapped.pollLast()), PAGE_BYTES, DmaDirection.TO_DEVICE);
    rig.letTimersFlush();
    assertEquals(1, rig.dma().mapSg(rig.device(), list, DmaDirection.TO_DEVICE, NONE));
  }

  private void fill(Deque<Long> mapped, long phys, int sizeBytes) {
    for (int i = 0; i <= (SMALL_MASK + 1) / PAGE_BYTES; i++) {
      long dmaAddr =
          rig().dma().mapSingle(rig().device(), phys, sizeBytes, DmaDirection.TO_DEVICE, NONE);
      if (rig().dma().mappingError(rig().device(), dmaAddr)) {
        return;
      }
      mapped.addLast(dmaAddr);
    }
    throw new AssertionError("more was mapped than the mask has addresses for");
  }
}
