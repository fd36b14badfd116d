package org.iommu4j.vtd.hw;

import java.util.List;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.Cap;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.Ecap;
import org.iommu4j.vtd.hw.format.FaultRecord;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.Global;
import org.iommu4j.vtd.hw.format.RegisterBits.Queue;
import org.iommu4j.vtd.hw.format.RootEntry;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;

/** A unit on a test bench, with 1 GiB of memory and the least of a driver. */
final class Rig {
  static final int DEVICE = 4 << 3;
  static final Capabilities QEMU = new Capabilities(0xd2_008c_222f_0606L, 0xf0_0f4aL);

  /** A unit that has all that legacy mode knows, and eight fault records. */
  static final Capabilities FULL =
      QEMU.withCap(Cap.SAGAW, 0xe)
          .withCap(Cap.MGAW, 56)
          .withCap(Cap.NFR, 7)
          .withCap(Cap.PLMR, 1)
          .withCap(Cap.PHMR, 1)
          .withEcap(Ecap.DT, 1)
          .withEcap(Ecap.EIM, 1)
          .withEcap(Ecap.SC, 1);

  final PhysicalMemory memory = PhysicalMemory.ofRam(List.of(new PhysRange(0, 0x4000_0000L)));
  final FrameAllocator frames = new FrameAllocator(memory);
  final RemappingHardware unit;
  final long rootPhys = frame();
  final long queuePhys = frame();
  int tail;

  Rig(Capabilities capabilities) {
    this(HardwareConfig.of(capabilities, 48));
  }

  Rig(HardwareConfig config) {
    this(config, HardwareObserver.NONE);
  }

  Rig(HardwareConfig config, HardwareObserver observer) {
    unit = new RemappingHardware(memory, config, observer);
  }

  /** Returns a device without a cache of its own. */
  Requester requester(int sourceId) {
    return Requester.uncached(unit, sourceId);
  }

  long frame() {
    return frames.allocateZeroed(0, MemoryZone.DMA32);
  }

  /** Gives the device a context and turns translation on. */
  Rig boot(ContextEntry context) {
    setContext(DEVICE, context);
    command(Register.RTADDR, rootPhys, Global.SRTP.mask());
    command(Register.RTADDR, rootPhys, Global.TE.mask());
    return this;
  }

  private void command(int addressRegister, long address, long bit) {
    unit.write64(addressRegister, address);
    unit.write32(Register.GCMD, (unit.read32(Register.GSTS) & ~(1 << 30)) | (int) bit);
  }

  void setContext(int sourceId, ContextEntry context) {
    long rootEntry = RootEntry.entryPhys(rootPhys, sourceId >> 8);
    if (memory.read64(rootEntry) == 0) {
      memory.write64(rootEntry, RootEntry.of(frame()).low());
    }
    long table = memory.read64(rootEntry) & -4096;
    long phys = ContextEntry.entryPhys(table, sourceId & 0xff);
    memory.write64(phys + 8, context.high());
    memory.write64(phys, context.low());
  }

  /** Writes an entry of this level for an address, under tables that grant all. */
  long set(long topTable, int levels, long iova, int level, long entry) {
    long table = topTable;
    for (int i = levels; i > level; i--) {
      long phys = SecondLevelEntry.entryPhys(table, iova, i);
      if (memory.read64(phys) == 0) {
        memory.write64(phys, SecondLevelEntry.table(frame(), true, true));
      }
      table = SecondLevelEntry.phys(memory.read64(phys));
    }
    long phys = SecondLevelEntry.entryPhys(table, iova, level);
    memory.write64(phys, entry);
    return phys;
  }

  void enableQueue() {
    unit.write64(Register.IQA, queuePhys);
    unit.write64(Register.IQT, 0);
    tail = 0;
    unit.write32(
        Register.GCMD,
        (unit.read32(Register.GSTS) & (int) Global.TE.mask()) | (int) Global.QIE.mask());
  }

  void submit(long low, long high) {
    memory.write64(queuePhys + tail * 16L, low);
    memory.write64(queuePhys + tail * 16L + 8, high);
    tail = (tail + 1) & 255;
    unit.write64(Register.IQT, Queue.INDEX.of(tail));
  }

  int queueHead() {
    return (int) Queue.INDEX.get(unit.read64(Register.IQH));
  }

  FaultRecord record(int index) {
    int offset = unit.capabilities().faultRecordOffset() + 16 * index;
    return new FaultRecord(unit.read64(offset), unit.read64(offset + 8));
  }

  void clearRecord(int index) {
    int offset = unit.capabilities().faultRecordOffset() + 16 * index;
    unit.write32(offset + 12, 1 << 31);
  }

  int faultStatus() {
    return unit.read32(Register.FSTS);
  }

  long read(long iova) {
    return unit.translate(DEVICE, iova, Access.READ);
  }

  long write(long iova) {
    return unit.translate(DEVICE, iova, Access.WRITE);
  }
}
