package org.iommu4j.vtd.driver;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.BitSet;
import java.util.function.Consumer;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.spi.NoMemoryException;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.vtd.hw.AtsFunctions;
import org.iommu4j.vtd.hw.RemappingHardware;
import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.EventControl;
import org.iommu4j.vtd.hw.format.RegisterBits.Global;
import org.iommu4j.vtd.hw.format.RegisterBits.Granularity;
import org.iommu4j.vtd.hw.format.RegisterBits.ProtectedMemory;
import org.iommu4j.vtd.hw.format.RegisterBits.Queue;
import org.iommu4j.vtd.hw.format.RootEntry;
import org.iommu4j.vtd.policy.RemappingUnit;

/**
 * One remapping unit as its driver sees it: its registers, its root and context tables, and the
 * domain ids it has in use.
 *
 * <p>Thread-safe.
 *
 * <p>Source: {@code include/linux/intel-iommu.h:struct intel_iommu}.
 */
final class VtdUnit {
  /** A domain id for identity-mapped devices in scalable mode; 0 tags what is not there. */
  private static final int RESERVED_DOMAIN_IDS = 2;

  private final RemappingUnit facts;
  private final RemappingHardware hardware;
  private final AtsFunctions atsFunctions = new AtsFunctions();
  private final PhysicalMemory memory;
  private final FrameAllocator frames;
  private final Invalidation invalidation;
  private final Object registerLock = new Object();
  private final Object lock = new Object();
  private final long rootPhys;
  private final boolean cachingMode;
  private final boolean writeBufferFlush;
  private final boolean pageSelective;
  private final int maxAddressMask;

  @GuardedBy("lock") private final BitSet domainIds = new BitSet();

  @GuardedBy("registerLock") private int command;

  /**
   * Sets a unit up as far as tables and invalidation go; translation stays off.
   *
   * @param faults how the release tells of faults
   * @param writeBufferFlushForced whether the chipset's write buffers need a flush whatever the
   *     unit says of them
   */
  VtdUnit(
      RemappingUnit facts,
      RemappingHardware hardware,
      SystemServices services,
      FaultForm faults,
      boolean writeBufferFlushForced) {
    this.facts = facts;
    this.hardware = hardware;
    this.memory = services.memory();
    this.frames = services.frames();
    Capabilities capabilities = hardware.capabilities();
    this.cachingMode = capabilities.cachingMode();
    this.writeBufferFlush = writeBufferFlushForced || capabilities.writeBufferFlush();
    this.pageSelective = capabilities.pageSelectiveInvalidation();
    this.maxAddressMask = capabilities.maxAddressMask();
    this.invalidation =
        capabilities.queuedInvalidation()
            ? enableQueue()
            : new RegisterInvalidation(hardware, registerLock);
    hardware.setDeviceTlb(atsFunctions);
    domainIds.set(0, RESERVED_DOMAIN_IDS);
    this.rootPhys = zeroedFrames(0);
    flushWriteBuffer();
    setRootTable();
    flushWriteBuffer();
    enableFaultInterrupt(faults, services.log());
  }

  private long zeroedFrames(int order) {
    long phys = frames.allocateZeroed(order, MemoryZone.NORMAL);
    if (phys == FrameAllocator.NONE) {
      throw new NoMemoryException("a table of " + facts.name());
    }
    return phys;
  }

  /** Source: {@code drivers/iommu/intel/dmar.c:__dmar_enable_qi}. */
  private Invalidation enableQueue() {
    boolean wide = hardware.capabilities().scalableMode();
    int order = wide ? 1 : 0;
    long queuePhys = zeroedFrames(order);
    long statusPhys = zeroedFrames(0);
    long shape = wide ? Queue.DW.mask() | Queue.QS.of(order) : 0;
    synchronized (registerLock) {
      hardware.write32(Register.IQT, 0);
      hardware.write64(Register.IQA, queuePhys | shape);
      command(Global.QIE, true);
    }
    return new QueuedInvalidation(hardware, memory, queuePhys, statusPhys);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:iommu_set_root_entry}. */
  private void setRootTable() {
    synchronized (registerLock) {
      hardware.write64(Register.RTADDR, rootPhys);
      hardware.write32(Register.GCMD, command | (int) Global.SRTP.mask());
    }
    invalidation.contexts(Granularity.GLOBAL, 0, 0);
    invalidation.iotlb(Granularity.GLOBAL, 0, 0, 0, false);
  }

  /** Source: {@code drivers/iommu/intel/dmar.c:dmar_set_interrupt}. */
  private void enableFaultInterrupt(FaultForm faults, Consumer<String> log) {
    hardware.setInterruptSink(new FaultHandler(hardware, registerLock, faults, log));
    synchronized (registerLock) {
      hardware.write32(Register.FEDATA, 0);
      hardware.write32(Register.FEADDR, 0xfee00000);
      hardware.write32(Register.FEUADDR, 0);
      int control = hardware.read32(Register.FECTL);
      hardware.write32(Register.FECTL, control & ~(int) EventControl.IM.mask());
    }
  }

  @GuardedBy("registerLock") private void command(BitField bit, boolean on) {
    command = on ? command | (int) bit.mask() : command & ~(int) bit.mask();
    hardware.write32(Register.GCMD, command);
  }

  /**
   * Turns translation on and the protected memory regions off.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:iommu_enable_translation}, {@code
   * iommu_disable_protect_mem_regions}.
   */
  void enableTranslation() {
    Capabilities capabilities = hardware.capabilities();
    synchronized (registerLock) {
      command(Global.TE, true);
      if (capabilities.protectedLowMemory() || capabilities.protectedHighMemory()) {
        int regions = hardware.read32(Register.PMEN);
        hardware.write32(Register.PMEN, regions & ~(int) ProtectedMemory.EPM.mask());
      }
    }
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:iommu_flush_write_buffer}. */
  void flushWriteBuffer() {
    if (writeBufferFlush) {
      synchronized (registerLock) {
        hardware.write32(Register.GCMD, command | (int) Global.WBF.mask());
        if (Global.WBF.isSet(Integer.toUnsignedLong(hardware.read32(Register.GSTS)))) {
          throw new AssertionError("the write buffer of " + facts.name() + " is never flushed");
        }
      }
    }
  }

  RemappingUnit facts() {
    return facts;
  }

  /** Returns the functions behind the unit that cache translations. */
  AtsFunctions atsFunctions() {
    return atsFunctions;
  }

  RemappingHardware hardware() {
    return hardware;
  }

  Capabilities capabilities() {
    return hardware.capabilities();
  }

  boolean cachingMode() {
    return cachingMode;
  }

  boolean pageSelective() {
    return pageSelective;
  }

  int maxAddressMask() {
    return maxAddressMask;
  }

  Invalidation invalidation() {
    return invalidation;
  }

  /**
   * Takes a domain id into use; returns 0 if none is free.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_attach_iommu}.
   */
  int allocateDomainId() {
    synchronized (lock) {
      int id = domainIds.nextClearBit(0);
      if (id >= hardware.capabilities().domains()) {
        return 0;
      }
      domainIds.set(id);
      return id;
    }
  }

  /** Takes a domain id out of use. */
  void freeDomainId(int id) {
    synchronized (lock) {
      domainIds.clear(id);
    }
  }

  /**
   * Sets the context entry of a requester, unless it has one.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_context_mapping_one}.
   */
  void setContext(int requesterId, ContextEntry entry, int domainId) {
    synchronized (lock) {
      long entryPhys = contextEntryPhys(requesterId);
      if (ContextEntry.P.isSet(memory.read64(entryPhys))) {
        return;
      }
      memory.writeVolatile64(entryPhys + 8, entry.high());
      memory.writeVolatile64(entryPhys, entry.low());
      if (cachingMode) {
        invalidation.contexts(Granularity.SELECTIVE, 0, requesterId);
        invalidation.iotlb(Granularity.DOMAIN, domainId, 0, 0, false);
      } else {
        flushWriteBuffer();
      }
    }
  }

  /**
   * Returns whether a requester has a context entry.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:device_context_mapped}.
   */
  boolean hasContext(int requesterId) {
    synchronized (lock) {
      long entryPhys = existingEntryPhys(requesterId);
      return entryPhys != 0 && ContextEntry.P.isSet(memory.read64(entryPhys));
    }
  }

  /**
   * Takes a requester's context entry away and makes the hardware forget it.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_context_clear_one}.
   */
  void clearContext(int requesterId) {
    int domainId;
    synchronized (lock) {
      long entryPhys = existingEntryPhys(requesterId);
      if (entryPhys == 0) {
        return;
      }
      domainId = (int) ContextEntry.DID.get(memory.read64(entryPhys + 8));
      memory.writeVolatile64(entryPhys, 0);
      memory.writeVolatile64(entryPhys + 8, 0);
    }
    invalidation.contexts(Granularity.SELECTIVE, domainId, requesterId);
    invalidation.iotlb(Granularity.DOMAIN, domainId, 0, 0, false);
  }

  /** Returns where a requester's context entry is, 0 if there is no table for its bus. */
  @GuardedBy("lock") private long existingEntryPhys(int requesterId) {
    long root = memory.read64(RootEntry.entryPhys(rootPhys, requesterId >> 8));
    return RootEntry.P.isSet(root)
        ? ContextEntry.entryPhys(root & RootEntry.CTP.mask(), requesterId & 0xff)
        : 0;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:iommu_context_addr}. */
  @GuardedBy("lock") private long contextEntryPhys(int requesterId) {
    long rootEntryPhys = RootEntry.entryPhys(rootPhys, requesterId >> 8);
    long root = memory.read64(rootEntryPhys);
    if (!RootEntry.P.isSet(root)) {
      root = RootEntry.of(zeroedFrames(0)).low();
      memory.writeVolatile64(rootEntryPhys, root);
    }
    return ContextEntry.entryPhys(root & RootEntry.CTP.mask(), requesterId & 0xff);
  }
}
