package org.iommu4j.vtd.driver;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.Consumer;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.spi.HardwareEntry;
import org.iommu4j.iommu.spi.NoMemoryException;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.vtd.hw.AtsFunctions;
import org.iommu4j.vtd.hw.RemappingHardware;
import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.PasidEntry;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.EventControl;
import org.iommu4j.vtd.hw.format.RegisterBits.Global;
import org.iommu4j.vtd.hw.format.RegisterBits.Granularity;
import org.iommu4j.vtd.hw.format.RegisterBits.ProtectedMemory;
import org.iommu4j.vtd.hw.format.RegisterBits.Queue;
import org.iommu4j.vtd.hw.format.RegisterBits.RootTable;
import org.iommu4j.vtd.policy.AddressWidths;
import org.iommu4j.vtd.policy.RemappingUnit;
import org.jspecify.annotations.Nullable;

/**
 * One remapping unit as its driver sees it: its registers, its root and context tables, and the
 * domain ids it has in use.
 *
 * <p>Thread-safe.
 *
 * <p>Source: {@code include/linux/intel-iommu.h:struct intel_iommu}.
 */
final class VtdUnit {
  /**
   * The domain id of what passes through, where no domain is shared for that.
   *
   * <p>Source: {@code drivers/iommu/intel/pasid.h:FLPT_DEFAULT_DID}.
   */
  static final int PASS_THROUGH_ID = 1;

  /** That one, and 0, which tags what is not there. */
  private static final int RESERVED_DOMAIN_IDS = 2;

  private final RemappingUnit facts;
  private final RemappingHardware hardware;
  private final AtsFunctions atsFunctions = new AtsFunctions();
  private final PhysicalMemory memory;
  private final FrameAllocator frames;
  private final Invalidation invalidation;
  private final Object registerLock = new Object();
  private final Object lock = new Object();
  private final ContextTables contexts;
  private final @Nullable ScalableTables scalable;
  private final boolean cachingMode;
  private final boolean writeBufferFlush;
  private final boolean pageSelective;
  private final int maxAddressMask;

  @GuardedBy("lock") private final BitSet domainIds = new BitSet();

  @GuardedBy("registerLock") private int command;

  /**
   * Sets a unit up as far as tables and invalidation go; translation stays off.
   *
   * @param scalable whether scalable mode is used, if the unit has it
   * @param faults how the release tells of faults
   * @param writeBufferFlushForced whether the chipset's write buffers need a flush whatever the
   *     unit says of them
   */
  VtdUnit(
      RemappingUnit facts,
      RemappingHardware hardware,
      SystemServices services,
      boolean scalable,
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
    this.contexts = new ContextTables(this, memory, zeroedFrames(0));
    this.scalable =
        scalable && capabilities.scalableMode()
            ? new ScalableTables(this, memory, contexts.rootPhys())
            : null;
    flushWriteBuffer();
    setRootTable();
    flushWriteBuffer();
    enableFaultInterrupt(faults, services.log());
  }

  /**
   * Allocates zeroed frames for a table.
   *
   * @throws NoMemoryException if there are none
   */
  long zeroedFrames(int order) {
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
      hardware.write64(
          Register.RTADDR,
          contexts.rootPhys() | RootTable.TTM.of(scalable == null ? 0 : RootTable.SCALABLE));
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

  /** Returns the tables of scalable mode, if it is used; then there are no others. */
  @Nullable ScalableTables scalable() {
    return scalable;
  }

  /** Returns whether a requester has a context entry, in either mode. */
  boolean hasContext(int requesterId) {
    ScalableTables tables = scalable;
    return tables == null ? contexts.has(requesterId) : tables.has(requesterId);
  }

  /** Returns what the hardware was told of a requester; nothing if that is nothing. */
  Optional<HardwareEntry> hardwareEntry(int requesterId) {
    ScalableTables tables = scalable;
    return tables == null ? contexts.hardwareEntry(requesterId) : tables.hardwareEntry(requesterId);
  }

  /** Returns the unit's root and context tables in legacy mode. */
  ContextTables contexts() {
    return contexts;
  }

  /** Returns the entry of address spaces that pass through, in scalable mode. */
  PasidEntry passThroughPasid() {
    return PasidEntry.passThrough(AddressWidths.agawToLevels(facts.agaw()), PASS_THROUGH_ID);
  }

  /** Returns the context entry of devices whose addresses pass through. */
  ContextEntry passThroughEntry(int domainId) {
    int levels = AddressWidths.agawToLevels(facts.maxAgaw());
    return ContextEntry.of(ContextEntry.TT_PASS_THROUGH, 0, levels, domainId);
  }
}
