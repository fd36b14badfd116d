package org.iommu4j.testkit.contract;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Objects;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.DispatchRules.Resources;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link DmaOps} promises a driver, whether they remap, bounce or do neither: inherit
 * this test and boot a system whose device has them.
 */
public abstract class DmaOpsContract {
  private static final int NONE = DmaAttributes.NONE;
  private static final int[] OFFSETS = {0, 1, 0x7ff, 0xfff};
  private static final int[] SIZES = {1, 2, 64, 0xfff, 0x1000, 0x1001, 0x5432};

  private @Nullable Rig rig;

  /** Makes a test. */
  protected DmaOpsContract() {}

  /** Boots a system, with the device in hand whose operations are tested. */
  protected abstract Rig boot();

  /** Boots before each test. */
  @BeforeEach
  protected void bootAnew() {
    rig = boot();
  }

  /** Returns the system of this test. */
  protected final Rig rig() {
    return Objects.requireNonNull(rig, "the system is booted");
  }

  private DmaMapping dma() {
    return rig().dma();
  }

  /** Maps a buffer; fails the test if that fails. */
  protected final long map(long phys, int sizeBytes, DmaDirection direction) {
    long dmaAddr = dma().mapSingle(rig().device(), phys, sizeBytes, direction, NONE);
    assertFalse(
        dma().mappingError(rig().device(), dmaAddr),
        () -> String.format("0x%x is not mapped", phys));
    return dmaAddr;
  }

  /** Unmaps a buffer. */
  protected final void unmap(long dmaAddr, int sizeBytes, DmaDirection direction) {
    dma().unmapSingle(rig().device(), dmaAddr, sizeBytes, direction, NONE);
  }

  /** Returns bytes that no two calls of neighbouring seeds have alike. */
  protected static byte[] pattern(int seed, int sizeBytes) {
    byte[] bytes = new byte[sizeBytes];
    for (int i = 0; i < sizeBytes; i++) {
      bytes[i] = (byte) (seed * 31 + i * 7 + (i >> 8));
    }
    return bytes;
  }

  /** What the CPU wrote is what the device reads, at every offset and size. */
  @Test
  public void theDeviceReadsWhatTheCpuWrote() {
    long page = rig().allocPages(3);
    for (int offset : OFFSETS) {
      for (int size : SIZES) {
        byte[] bytes = pattern(offset + size, size);
        rig().cpuWrites(page + offset, bytes);
        long dmaAddr = map(page + offset, size, DmaDirection.TO_DEVICE);
        assertArrayEquals(bytes, rig().deviceReads(dmaAddr, size));
        unmap(dmaAddr, size, DmaDirection.TO_DEVICE);
      }
    }
  }

  /** What the device wrote is what the CPU reads once the buffer is unmapped. */
  @Test
  public void theCpuReadsWhatTheDeviceWrote() {
    long page = rig().allocPages(3);
    for (int offset : OFFSETS) {
      for (int size : SIZES) {
        rig().memory().fill(page, 8L * PAGE_BYTES, (byte) 0x5a);
        byte[] bytes = pattern(offset + size, size);
        long dmaAddr = map(page + offset, size, DmaDirection.FROM_DEVICE);
        rig().deviceWrites(dmaAddr, bytes);
        unmap(dmaAddr, size, DmaDirection.FROM_DEVICE);
        assertArrayEquals(bytes, rig().cpuReads(page + offset, size));
        assertEquals(0x5a, rig().memory().read8(page + offset + size), "the byte after");
      }
    }
  }

  /** A buffer can be used both ways while it is mapped, with the sync calls between. */
  @Test
  public void aBufferMovesBothWaysWithSyncs() {
    long page = rig().allocPages(0);
    long dmaAddr = map(page, 256, DmaDirection.BIDIRECTIONAL);
    rig().deviceWrites(dmaAddr, pattern(1, 256));
    dma().syncSingleForCpu(rig().device(), dmaAddr, 256, DmaDirection.BIDIRECTIONAL);
    assertArrayEquals(pattern(1, 256), rig().cpuReads(page, 256));
    rig().cpuWrites(page, pattern(2, 256));
    dma().syncSingleForDevice(rig().device(), dmaAddr, 256, DmaDirection.BIDIRECTIONAL);
    assertArrayEquals(pattern(2, 256), rig().deviceReads(dmaAddr, 256));
    unmap(dmaAddr, 256, DmaDirection.BIDIRECTIONAL);
  }

  private ScatterList pieces(byte[] content) {
    ScatterList list = new ScatterList(4);
    list.add(rig().allocPages(0), 0x100, 0xf00);
    list.add(rig().allocPages(1), 0, 0x2000);
    list.add(rig().allocPages(0), 0xffc, 4);
    list.add(rig().allocPages(1), 0x1234, 0x200);
    int at = 0;
    for (int i = 0; i < list.size(); i++) {
      rig().memory().write(list.phys(i), content, at, list.lengthBytes(i));
      at += list.lengthBytes(i);
    }
    return list;
  }

  /** The entries of a mapped list lead the device through all of its pieces, in order. */
  @Test
  public void aListIsReadPieceByPiece() {
    byte[] content = pattern(3, 0xf00 + 0x2000 + 4 + 0x200);
    ScatterList list = pieces(content);
    int entries = dma().mapSg(rig().device(), list, DmaDirection.TO_DEVICE, NONE);
    assertTrue(entries >= 1 && entries <= list.size(), () -> entries + " entries");
    byte[] read = new byte[content.length];
    int at = 0;
    for (int i = 0; i < entries; i++) {
      int length = list.dmaLengthBytes(i);
      System.arraycopy(rig().deviceReads(list.dmaAddr(i), length), 0, read, at, length);
      at += length;
    }
    assertEquals(content.length, at, "all bytes are covered");
    assertArrayEquals(content, read);
    dma().unmapSg(rig().device(), list, DmaDirection.TO_DEVICE, NONE);
  }

  /** Coherent memory is zeroed, aligned to its pages, and shared without any call. */
  @Test
  public void coherentMemoryIsSharedFromZerosOn() {
    for (int size : new int[] {1, 4096, 5000, 65536}) {
      CoherentBuffer buffer = allocCoherent(size);
      assertArrayEquals(new byte[size], cpuReads(buffer));
      assertEquals(0, buffer.dmaAddr() % PAGE_BYTES);
      assertEquals(size, buffer.sizeBytes());
      rig().deviceWrites(buffer.dmaAddr(), pattern(4, size));
      assertArrayEquals(pattern(4, size), cpuReads(buffer));
      cpuWrites(buffer, pattern(5, size));
      assertArrayEquals(pattern(5, size), rig().deviceReads(buffer.dmaAddr(), size));
      dma().freeCoherent(rig().device(), buffer, NONE);
    }
  }

  private byte[] cpuReads(CoherentBuffer buffer) {
    byte[] read = new byte[(int) buffer.sizeBytes()];
    for (int at = 0; at < read.length; at += PAGE_BYTES) {
      int length = Math.min(PAGE_BYTES, read.length - at);
      System.arraycopy(rig().cpuReads(buffer.physAt(at), length), 0, read, at, length);
    }
    return read;
  }

  private void cpuWrites(CoherentBuffer buffer, byte[] bytes) {
    for (int at = 0; at < bytes.length; at += PAGE_BYTES) {
      int length = Math.min(PAGE_BYTES, bytes.length - at);
      rig().cpuWrites(buffer.physAt(at), Arrays.copyOfRange(bytes, at, at + length));
    }
  }

  private CoherentBuffer allocCoherent(int sizeBytes) {
    return Objects.requireNonNull(
        dma().allocCoherent(rig().device(), sizeBytes, NONE), "there is memory");
  }

  /** Addresses stay within the device's masks, whatever they are. */
  @Test
  public void masksAreHonoured() {
    long page = rig().allocPages(2);
    for (int bits : new int[] {64, 48, 39, 36, 33, 32, 31, 30}) {
      long mask = DmaMapping.bitMask(bits);
      if (dma().setMaskAndCoherent(rig().device(), mask) != 0) {
        continue;
      }
      long dmaAddr = map(page, 4 * PAGE_BYTES, DmaDirection.TO_DEVICE);
      assertTrue(
          Long.compareUnsigned(dmaAddr + 4 * PAGE_BYTES - 1, mask) <= 0,
          () -> String.format("0x%x with a mask of %d bits", dmaAddr, bits));
      CoherentBuffer buffer = allocCoherent(PAGE_BYTES);
      assertTrue(Long.compareUnsigned(buffer.dmaAddr() + PAGE_BYTES - 1, mask) <= 0);
      unmap(dmaAddr, 4 * PAGE_BYTES, DmaDirection.TO_DEVICE);
      dma().freeCoherent(rig().device(), buffer, NONE);
    }
  }

  /** A mask that cannot be served changes nothing; one that can is kept. */
  @Test
  public void aMaskIsSetOrRefused() {
    assertEquals(0, dma().setMask(rig().device(), DmaMapping.bitMask(64)), "64 bits serve all");
    assertEquals(DmaMapping.bitMask(64), rig().device().dmaMask());
    long small = DmaMapping.bitMask(4);
    boolean supported = dma().isSupported(rig().device(), small);
    assertEquals(supported, dma().setMask(rig().device(), small) == 0);
    assertEquals(supported ? small : DmaMapping.bitMask(64), rig().device().dmaMask());
  }

  /** Registers are a resource, and memory is none in releases that look. */
  @Test
  public void onlyWhatIsNoMemoryIsAResource() {
    long page = rig().allocPages(0);
    Resources resources = rig().system().rules().dispatch().resources();
    boolean refused = mapResource(page) == DmaMapping.MAPPING_ERROR;
    assertEquals(resources == Resources.NO_MEMORY, refused);
    assertFalse(dma().mappingError(rig().device(), mapResource(KitMachine.REGISTERS_PHYS)));
  }

  private long mapResource(long phys) {
    return dma().mapResource(rig().device(), phys, 0x100, DmaDirection.BIDIRECTIONAL, NONE);
  }

  /** A direction is part of every mapping. */
  @Test
  public void noDirectionIsMisuse() {
    long page = rig().allocPages(0);
    assertThrows(IllegalArgumentException.class, () -> map(page, 1, DmaDirection.NONE));
  }

  /** Operations go by the kernel's symbol, and by the same one each time. */
  @Test
  public void theSymbolIsAName() {
    DmaOps ops = rig().device().dmaOps();
    if (ops != null) {
      assertTrue(ops.symbol().matches("\\w+"), ops::symbol);
    }
  }
}
