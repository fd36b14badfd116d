package org.iommu4j.vtd.hw;

import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.jspecify.annotations.Nullable;

/**
 * From a request to an address: context cache, IOTLB, and on a miss the tables in memory.
 *
 * <p>A result is a physical address or, negative, a refusal. {@link #lookUp} takes no lock; what
 * misses goes through the other methods under the unit's lock. Source: VT-d 3.3 section 3.
 */
final class Translator {
  /** Not in the caches. */
  static final long MISS = Long.MIN_VALUE;

  /** Refused without a remapping fault. */
  static final long ABORTED = -1;

  private final PhysicalMemory memory;
  private final HardwareConfig config;
  private final PagingRules rules;
  private final ContextCache contexts;
  private final Iotlb iotlb;
  private final FaultRecorder faults;
  private final HardwareObserver observer;
  private long rootTable;

  Translator(
      PhysicalMemory memory,
      HardwareConfig config,
      ContextCache contexts,
      Iotlb iotlb,
      FaultRecorder faults,
      HardwareObserver observer) {
    this.memory = memory;
    this.config = config;
    this.rules = new PagingRules(config.capabilities(), config.hostAddressBits());
    this.contexts = contexts;
    this.iotlb = iotlb;
    this.faults = faults;
    this.observer = observer;
  }

  /** Sets the root table as RTADDR has it: its physical address, and its mode. */
  void setRootTable(long address) {
    rootTable = address;
  }

  static long refused(FaultReason reason) {
    return -1L - reason.code();
  }

  /** Returns what the caches say, or {@link #MISS} if they know nothing or refuse. */
  long lookUp(int sourceId, long iova, Access access) {
    CachedContext context = contexts.find(sourceId);
    if (context == null || context.fault != null) {
      return MISS;
    }
    if (context.passThrough) {
      return iova < 0 ? ABORTED : iova;
    }
    IotlbEntry entry = iotlb.find(context.domainId, iova);
    return entry != null && entry.grants(access) ? entry.translate(iova) : MISS;
  }

  /** Translates by the caches and the tables, and records a fault. */
  long translate(int sourceId, long iova, Access access) {
    CachedContext context = context(sourceId);
    FaultReason refusal = context.refusal(iova);
    if (refusal != null) {
      return refuse(refusal, context, iova, access);
    }
    if (context.passThrough) {
      return iova < 0 ? ABORTED : iova;
    }
    IotlbEntry cached = iotlb.find(context.domainId, iova);
    if (cached != null) {
      return cached.grants(access)
          ? cached.translate(iova)
          : refuse(cached.refusal(access), context, iova, access);
    }
    PageTableWalk walk = walk(context, iova, access);
    FaultReason fault = walk.fault();
    return fault == null ? walk.phys() : refuse(fault, context, iova, access);
  }

  /** Answers a translation request, which asks for any right. */
  AtsCompletion answer(int sourceId, long iova) {
    CachedContext context = context(sourceId);
    FaultReason fault = requestFault(context);
    if (fault == null && iova >>> context.widthBits != 0) {
      fault = FaultReason.ADDRESS_BEYOND_WIDTH;
    }
    if (fault == null) {
      PageTableWalk walk = walk(context, iova, null);
      fault = walk.fault();
      if (fault == null) {
        return new AtsCompletion(
            walk.phys(), walk.pageBytes(), walk.isReadable(), walk.isWritable());
      }
    }
    if (fault != FaultReason.READ_DENIED) {
      refuse(fault, context, iova, Access.READ);
    }
    return AtsCompletion.NOTHING;
  }

  /** Lets a translated request through, or refuses it. */
  long passTranslated(int sourceId, long phys, Access access) {
    CachedContext context = context(sourceId);
    FaultReason fault = requestFault(context);
    return fault == null ? phys : refuse(fault, context, phys, access);
  }

  private static @Nullable FaultReason requestFault(CachedContext context) {
    if (context.fault != null) {
      return context.fault;
    }
    return context.translationType == ContextEntry.TT_DEVICE_TLB
        ? null
        : FaultReason.REQUEST_TYPE_BLOCKED;
  }

  private PageTableWalk walk(CachedContext context, long iova, @Nullable Access access) {
    PageTableWalk walk = context.walk(memory, rules, iova, access);
    long phys = walk.fault() == null ? walk.phys() : -1;
    observer.walked(context.sourceId, iova, walk.steps(), phys);
    if (walk.fault() == null || (config.capabilities().cachingMode() && walk.refusesAll())) {
      iotlb.insert(new IotlbEntry(context.domainId, walk));
    }
    return walk;
  }

  private long refuse(FaultReason reason, CachedContext context, long iova, Access access) {
    if (!reason.isQualified() || !context.isFaultProcessingDisabled()) {
      boolean read = access == Access.READ;
      boolean recorded = faults.record(reason, context.sourceId, iova, read);
      observer.faulted(context.sourceId, iova, !read, reason.name(), recorded);
    }
    return refused(reason);
  }

  private CachedContext context(int sourceId) {
    CachedContext cached = contexts.find(sourceId);
    if (cached != null) {
      return cached;
    }
    CachedContext loaded = load(sourceId);
    observer.requesterLookedUp(sourceId, loaded.fault == null);
    if (loaded.fault == null || config.capabilities().cachingMode()) {
      contexts.insert(loaded);
    }
    return loaded;
  }

  private CachedContext load(int sourceId) {
    return new CachedContext(inspect(sourceId), config.capabilities().mgawBits());
  }

  /** Returns what the tables say of a requester, whatever the caches hold. */
  ContextLookup inspect(int sourceId) {
    return ContextLookup.of(memory, config, rootTable, sourceId);
  }

  /** Returns what the tables say, whatever the caches hold; see {@link RequestWalk#of}. */
  RequestWalk inspect(int sourceId, long iova, @Nullable Access access) {
    return RequestWalk.of(memory, config, rootTable, sourceId, iova, access);
  }
}
