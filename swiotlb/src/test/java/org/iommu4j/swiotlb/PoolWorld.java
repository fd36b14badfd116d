package org.iommu4j.swiotlb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.PhysicalMemory;

/** A pool next to what its bytes have to be: for each mapping, both sides' arrays. */
final class PoolWorld {
  private static final long START = 0x10_0000;
  private static final DmaDirection[] DIRECTIONS = {
    DmaDirection.BIDIRECTIONAL, DmaDirection.TO_DEVICE, DmaDirection.FROM_DEVICE
  };

  private final class Mapping {
    final Device device;
    final long phys;
    final long copy;
    final DmaDirection direction;
    final byte[] cpu;
    final byte[] dev;

    Mapping(Device device, long phys, long copy, DmaDirection direction, byte[] bytes) {
      this.device = device;
      this.phys = phys;
      this.copy = copy;
      this.direction = direction;
      this.cpu = bytes;
      this.dev = bytes.clone();
    }

    long firstSlot() {
      return (copy - START) / 2048;
    }

    long lastSlot() {
      return (copy - START + cpu.length - 1) / 2048;
    }

    void check() {
      assertArrayEquals(cpu, read(phys, cpu.length), "the CPU's side");
      assertArrayEquals(dev, read(copy, dev.length), "the device's side");
    }
  }

  private final PhysicalMemory memory = PhysicalMemory.everywhere();
  private final SwiotlbPool pool;
  private int cpu;
  private final Device[] devices = {new Device("a"), new Device("b"), new Device("c")};
  private final List<Mapping> live = new ArrayList<>();
  private int mapped;

  PoolWorld(SwiotlbRules rules, int areas) {
    pool =
        SwiotlbPool.at(
            rules,
            memory,
            START,
            256,
            new PoolAreas(areas, () -> cpu),
            SwiotlbForce.NORMAL,
            DeviceLog.silent());
    // A sync that begins within an offset of a later slot is refused by these bounds.
    if (rules.bounds() != SwiotlbRules.Bounds.FROM_OFFSET) {
      devices[1].setMinAlignMask(0x1ff);
      devices[2].setMinAlignMask(0xfff);
    }
  }

  private byte[] read(long phys, int length) {
    byte[] bytes = new byte[length];
    memory.read(phys, bytes, 0, length);
    return bytes;
  }

  void map(long seed) {
    Random random = new Random(seed);
    cpu = random.nextInt(3);
    byte[] bytes = new byte[1 + random.nextInt(random.nextBoolean() ? 3000 : 60000)];
    random.nextBytes(bytes);
    long phys = (1L << 32) + ((long) mapped++ << 20) + random.nextInt(8192);
    memory.write(phys, bytes, 0, bytes.length);
    Device device = devices[random.nextInt(3)];
    DmaDirection direction = DIRECTIONS[random.nextInt(3)];
    long copy = pool.map(device, phys, bytes.length, direction, DmaAttributes.NONE);
    if (copy != DmaMapping.MAPPING_ERROR) {
      live.add(new Mapping(device, phys, copy, direction, bytes));
    }
  }

  void write(int pick, long seed) {
    if (!live.isEmpty()) {
      Random random = new Random(seed);
      Mapping mapping = live.get(pick % live.size());
      boolean byDevice = random.nextBoolean();
      byte[] side = byDevice ? mapping.dev : mapping.cpu;
      int from = random.nextInt(side.length);
      int to = from + random.nextInt(side.length - from + 1);
      Arrays.fill(side, from, to, (byte) random.nextInt());
      memory.write((byDevice ? mapping.copy : mapping.phys) + from, side, from, to - from);
    }
  }

  void sync(int pick, long seed) {
    if (!live.isEmpty()) {
      Random random = new Random(seed);
      Mapping mapping = live.get(pick % live.size());
      int from = random.nextInt(mapping.cpu.length);
      int bytes = random.nextInt(mapping.cpu.length - from + 1);
      if (random.nextBoolean()) {
        pool.syncForCpu(mapping.device, mapping.copy + from, bytes, mapping.direction);
        if (mapping.direction.deviceWrites()) {
          System.arraycopy(mapping.dev, from, mapping.cpu, from, bytes);
        }
      } else {
        pool.syncForDevice(mapping.device, mapping.copy + from, bytes, mapping.direction);
        if (mapping.direction.deviceReads()) {
          System.arraycopy(mapping.cpu, from, mapping.dev, from, bytes);
        }
      }
    }
  }

  void unmap(int pick, boolean skip) {
    if (!live.isEmpty()) {
      Mapping mapping = live.remove(pick % live.size());
      int length = mapping.cpu.length;
      int attributes = skip ? DmaAttributes.SKIP_CPU_SYNC : DmaAttributes.NONE;
      pool.unmapSingle(mapping.device, mapping.copy, length, length, mapping.direction, attributes);
      boolean copied = !skip && mapping.direction.deviceWrites();
      assertArrayEquals(copied ? mapping.dev : mapping.cpu, read(mapping.phys, length));
    }
  }

  void check() {
    pool.checkInvariants();
    long used = 0;
    boolean[] taken = new boolean[256];
    for (Mapping mapping : live) {
      mapping.check();
      used += mapping.lastSlot() - mapping.firstSlot() + 1;
      for (int i = (int) mapping.firstSlot(); i <= mapping.lastSlot(); i++) {
        assertTrue(!taken[i], "slot " + i + " is shared");
        taken[i] = true;
      }
    }
    assertEquals(used, pool.usedSlots());
  }

  void finish() {
    while (!live.isEmpty()) {
      unmap(0, false);
    }
    assertEquals(0, pool.usedSlots());
    for (int i = 0; i < 256; i++) {
      long copy = pool.map(devices[0], 1L << 40, 2048, DmaDirection.TO_DEVICE, 0);
      assertTrue(copy != DmaMapping.MAPPING_ERROR, "a slot did not come back");
    }
  }
}
