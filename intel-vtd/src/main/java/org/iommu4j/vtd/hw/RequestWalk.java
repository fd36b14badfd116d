package org.iommu4j.vtd.hw;

import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.jspecify.annotations.Nullable;

/**
 * All that a request meets in memory on its way to an address, as if no cache held anything: the
 * two steps that the hardware takes on its misses, one after the other.
 *
 * <p>Immutable. Source: VT-d 3.3 section 3.
 *
 * @param iova the address that the device puts on the bus
 * @param lookup the way to the context entry
 * @param pages the walk through the page tables, or null if there was none
 * @param phys what the address translates to; negative if it is refused
 * @param fault why it is refused, or null if it is not, or without a remapping fault
 */
public record RequestWalk(
    long iova,
    ContextLookup lookup,
    @Nullable PageTableWalk pages,
    long phys,
    @Nullable FaultReason fault) {

  /**
   * Walks; nothing is cached, and no fault is recorded.
   *
   * @param memory where the tables lie
   * @param config what the unit can do
   * @param rootTable the root table as RTADDR has it: its physical address, and its mode
   * @param sourceId the requester: bus, device and function in 16 bits
   * @param iova the address to translate
   * @param access what the request wants, or null for whatever is granted
   */
  public static RequestWalk of(
      PhysicalMemory memory,
      HardwareConfig config,
      long rootTable,
      int sourceId,
      long iova,
      @Nullable Access access) {
    ContextLookup lookup = ContextLookup.of(memory, config, rootTable, sourceId);
    CachedContext context = new CachedContext(lookup, config.capabilities().mgawBits());
    FaultReason refusal = context.refusal(iova);
    if (refusal != null) {
      return new RequestWalk(iova, lookup, null, Translator.refused(refusal), refusal);
    }
    if (context.passThrough) {
      long phys = iova < 0 ? Translator.ABORTED : iova;
      return new RequestWalk(iova, lookup, null, phys, null);
    }
    PagingRules rules = new PagingRules(config.capabilities(), config.hostAddressBits());
    PageTableWalk pages = context.walk(memory, rules, iova, access);
    FaultReason fault = pages.fault();
    return new RequestWalk(
        iova, lookup, pages, fault == null ? pages.phys() : Translator.refused(fault), fault);
  }
}
