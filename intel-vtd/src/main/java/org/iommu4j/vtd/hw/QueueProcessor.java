package org.iommu4j.vtd.hw;

import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.ContextCacheInvalidate;
import org.iommu4j.vtd.hw.format.DeviceTlbInvalidate;
import org.iommu4j.vtd.hw.format.InterruptEntryCacheInvalidate;
import org.iommu4j.vtd.hw.format.InvalidationDescriptor;
import org.iommu4j.vtd.hw.format.InvalidationWait;
import org.iommu4j.vtd.hw.format.IotlbInvalidate;
import org.iommu4j.vtd.hw.format.PasidCacheInvalidate;
import org.iommu4j.vtd.hw.format.PasidIotlbInvalidate;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.FaultStatus;
import org.iommu4j.vtd.hw.format.RegisterBits.Granularity;
import org.iommu4j.vtd.hw.format.RegisterBits.Queue;

/**
 * The hardware's end of the invalidation queue: takes descriptors from head to tail, in order.
 *
 * <p>Descriptors of 256 bits are those of 128 with as much reserved after them; head and tail count
 * pieces of 128 bits in either case. A bad descriptor stops it with the head at that descriptor,
 * until software clears the error. A device that does not answer stops it at the next wait
 * descriptor, which is taken and not completed. Guarded by the unit's lock. Source: VT-d 3.3
 * sections 6.5.2 and 6.5.2.10.
 */
final class QueueProcessor {
  private static final int INVALID_TAIL = 1;
  private static final int FETCH_FAILED = 2;
  private static final int INVALID_TYPE = 3;
  private static final int RESERVED_FIELD = 4;

  private final PhysicalMemory memory;
  private final RegisterFile registers;
  private final FaultRecorder faults;
  private final EventSource completion;
  private final Invalidator invalidator;
  private final HardwareObserver observer;
  private DeviceTlb deviceTlb = DeviceTlb.NONE;
  private boolean enabled;
  private boolean timedOut;
  private long queuePhys;
  private int queueEntries;

  /** How many pieces of 128 bits a descriptor has. */
  private int step = 1;

  QueueProcessor(
      PhysicalMemory memory,
      RegisterFile registers,
      FaultRecorder faults,
      EventSource completion,
      Invalidator invalidator,
      HardwareObserver observer) {
    this.memory = memory;
    this.registers = registers;
    this.faults = faults;
    this.completion = completion;
    this.invalidator = invalidator;
    this.observer = observer;
  }

  void setDeviceTlb(DeviceTlb deviceTlb) {
    this.deviceTlb = deviceTlb;
  }

  boolean isEnabled() {
    return enabled;
  }

  void enable() {
    long address = registers.get64(Register.IQA);
    step = Queue.DW.isSet(address) ? 2 : 1;
    queuePhys = address & Queue.IQA.mask();
    queueEntries = 256 << (int) Queue.QS.get(address);
    enabled = true;
    process();
  }

  void disable() {
    enabled = false;
    timedOut = false;
    registers.set64(Register.IQH, 0);
  }

  /** Takes descriptors until the queue is empty or an error stops it. */
  void process() {
    if (!enabled) {
      return;
    }
    int tail = (int) Queue.INDEX.get(registers.get64(Register.IQT));
    if (tail >= queueEntries || tail % step != 0) {
      if (!isStopped()) {
        fail(INVALID_TAIL);
      }
      return;
    }
    int head = (int) Queue.INDEX.get(registers.get64(Register.IQH));
    while (head != tail && !isStopped()) {
      long phys = queuePhys + (long) head * InvalidationDescriptor.BYTES;
      int error = execute(phys);
      if (error != 0) {
        fail(error);
        return;
      }
      head = head + step == queueEntries ? 0 : head + step;
      registers.set64(Register.IQH, Queue.INDEX.of(head));
    }
  }

  private boolean isStopped() {
    return registers.isSet32(Register.FSTS, FaultStatus.IQE)
        || registers.isSet32(Register.FSTS, FaultStatus.ITE);
  }

  private void fail(int info) {
    registers.set64(Register.IQERCD, Queue.IQEI.of(info));
    faults.raise(FaultStatus.IQE);
  }

  private int execute(long phys) {
    if (!memory.isRam(phys)) {
      return FETCH_FAILED;
    }
    long low = memory.readVolatile64(phys);
    long high = memory.readVolatile64(phys + 8);
    int type = at(InvalidationDescriptor.TYPE, low);
    if (step == 1 && type > InvalidationDescriptor.WAIT) {
      return INVALID_TYPE;
    }
    if (step > 1 && isKnown(type) && !isNarrow(phys)) {
      return RESERVED_FIELD;
    }
    return switch (type) {
      case InvalidationDescriptor.CONTEXT_CACHE -> contextCache(low, high);
      case InvalidationDescriptor.IOTLB -> iotlb(low, high);
      case InvalidationDescriptor.DEVICE_TLB -> deviceTlb(low, high);
      case InvalidationDescriptor.INTERRUPT_ENTRY_CACHE ->
          (low & InterruptEntryCacheInvalidate.RESERVED_LOW) != 0 || high != 0 ? RESERVED_FIELD : 0;
      case InvalidationDescriptor.WAIT -> waitDone(low, high);
      case InvalidationDescriptor.PASID_IOTLB -> pasidIotlb(low, high);
      case InvalidationDescriptor.PASID_CACHE -> pasidCache(low, high);
      default -> INVALID_TYPE;
    };
  }

  private static boolean isKnown(int type) {
    return type >= InvalidationDescriptor.CONTEXT_CACHE
        && type <= InvalidationDescriptor.PASID_CACHE;
  }

  // All descriptors that are known here have nothing in their upper half.
  private boolean isNarrow(long phys) {
    return memory.readVolatile64(phys + 16) == 0 && memory.readVolatile64(phys + 24) == 0;
  }

  private int contextCache(long low, long high) {
    if ((low & ContextCacheInvalidate.RESERVED_LOW) != 0 || high != 0) {
      return RESERVED_FIELD;
    }
    int done =
        invalidator.contexts(
            at(ContextCacheInvalidate.G, low),
            at(ContextCacheInvalidate.DID, low),
            at(ContextCacheInvalidate.SID, low),
            at(ContextCacheInvalidate.FM, low));
    return done == Granularity.NONE ? RESERVED_FIELD : 0;
  }

  private int iotlb(long low, long high) {
    if ((low & IotlbInvalidate.RESERVED_LOW) != 0 || (high & IotlbInvalidate.RESERVED_HIGH) != 0) {
      return RESERVED_FIELD;
    }
    int done =
        invalidator.iotlb(
            at(IotlbInvalidate.G, low),
            at(IotlbInvalidate.DID, low),
            high & IotlbInvalidate.ADDR.mask(),
            at(IotlbInvalidate.AM, high));
    return done == Granularity.NONE ? RESERVED_FIELD : 0;
  }

  private int pasidIotlb(long low, long high) {
    if ((low & PasidIotlbInvalidate.RESERVED_LOW) != 0
        || (high & PasidIotlbInvalidate.RESERVED_HIGH) != 0) {
      return RESERVED_FIELD;
    }
    int done =
        invalidator.addressSpace(
            at(PasidIotlbInvalidate.G, low),
            at(PasidIotlbInvalidate.DID, low),
            high & PasidIotlbInvalidate.ADDR.mask(),
            at(PasidIotlbInvalidate.AM, high));
    return done == Granularity.NONE ? RESERVED_FIELD : 0;
  }

  private int pasidCache(long low, long high) {
    if ((low & PasidCacheInvalidate.RESERVED_LOW) != 0 || high != 0) {
      return RESERVED_FIELD;
    }
    boolean all = at(PasidCacheInvalidate.G, low) == PasidCacheInvalidate.GLOBAL;
    invalidator.contexts(
        all ? Granularity.GLOBAL : Granularity.DOMAIN, at(PasidCacheInvalidate.DID, low), 0, 0);
    return 0;
  }

  private int deviceTlb(long low, long high) {
    if ((low & DeviceTlbInvalidate.RESERVED_LOW) != 0
        || (high & DeviceTlbInvalidate.RESERVED_HIGH) != 0) {
      return RESERVED_FIELD;
    }
    int sourceId = at(DeviceTlbInvalidate.SID, low);
    long startIova = DeviceTlbInvalidate.startIova(high);
    long lengthBytes = DeviceTlbInvalidate.lengthBytes(high);
    boolean answered = deviceTlb.invalidate(sourceId, startIova, lengthBytes);
    observer.deviceTlbInvalidated(sourceId, startIova, lengthBytes, answered);
    timedOut |= !answered;
    return 0;
  }

  private int waitDone(long low, long high) {
    if ((low & InvalidationWait.RESERVED_LOW) != 0
        || (high & InvalidationWait.RESERVED_HIGH) != 0) {
      return RESERVED_FIELD;
    }
    if (timedOut) {
      timedOut = false;
      faults.raise(FaultStatus.ITE);
      return 0;
    }
    if (InvalidationWait.SW.isSet(low) && memory.isRam(high)) {
      memory.write32(high, at(InvalidationWait.STATUS_DATA, low));
    }
    if (InvalidationWait.IF.isSet(low) && !registers.isSet32(Register.ICS, Queue.IWC)) {
      registers.flag32(Register.ICS, Queue.IWC, true);
      completion.raise();
    }
    observer.invalidationsDone();
    return 0;
  }

  private static int at(BitField field, long word) {
    return (int) field.get(word);
  }
}
