package org.iommu4j.vtd.hw.format;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.Pages;

/**
 * What a remapping unit can do: its capability and extended capability registers, as hardware,
 * driver and policies alike decode them.
 *
 * <p>Immutable. Source: VT-d 3.3 sections 11.4.2 and 11.4.3.
 *
 * @param cap the capability register
 * @param ecap the extended capability register
 */
@Immutable
public record Capabilities(long cap, long ecap) {
  /** Returns the number of bits of a domain id: CAP.ND. */
  public int domainIdBits() {
    return 4 + 2 * (int) Cap.ND.get(cap);
  }

  /** Returns the number of domains: CAP.ND. */
  public int domains() {
    return 1 << domainIdBits();
  }

  /** Returns the bit map of the supported widths; bit 1 is 39 bits: CAP.SAGAW. */
  public int sagaw() {
    return (int) Cap.SAGAW.get(cap);
  }

  /** Returns whether page tables of this many levels are supported: CAP.SAGAW. */
  public boolean supportsLevels(int levels) {
    return levels >= 3 && levels <= 5 && (sagaw() >> (levels - 2) & 1) != 0;
  }

  /** Returns the maximum width of an address to translate in bits: CAP.MGAW plus 1. */
  public int mgawBits() {
    return (int) Cap.MGAW.get(cap) + 1;
  }

  /** Returns whether leaves of this level are supported: always for 1; CAP.SLLPS for 2 and 3. */
  public boolean supportsLeaf(int level) {
    return level == 1 || (level <= 3 && (Cap.SLLPS.get(cap) >> (level - 2) & 1) != 0);
  }

  /** Returns whether entries that are not present may be cached: CAP.CM. */
  public boolean cachingMode() {
    return Cap.CM.isSet(cap);
  }

  /** Returns whether the write buffer must be flushed by software: CAP.RWBF. */
  public boolean writeBufferFlush() {
    return Cap.RWBF.isSet(cap);
  }

  /** Returns whether there is a protected low memory region: CAP.PLMR. */
  public boolean protectedLowMemory() {
    return Cap.PLMR.isSet(cap);
  }

  /** Returns whether there is a protected high memory region: CAP.PHMR. */
  public boolean protectedHighMemory() {
    return Cap.PHMR.isSet(cap);
  }

  /** Returns the offset of the first fault-recording register in bytes: CAP.FRO. */
  public int faultRecordOffset() {
    return 16 * (int) Cap.FRO.get(cap);
  }

  /** Returns the number of fault-recording registers: CAP.NFR plus 1. */
  public int faultRecords() {
    return 1 + (int) Cap.NFR.get(cap);
  }

  /** Returns whether the IOTLB can be invalidated by the page: CAP.PSI. */
  public boolean pageSelectiveInvalidation() {
    return Cap.PSI.isSet(cap);
  }

  /** Returns the largest address mask of a page-selective invalidation: CAP.MAMV. */
  public int maxAddressMask() {
    return (int) Cap.MAMV.get(cap);
  }

  /** Returns whether writes can be drained: CAP.DWD. */
  public boolean drainsWrites() {
    return Cap.DWD.isSet(cap);
  }

  /** Returns whether reads can be drained: CAP.DRD. */
  public boolean drainsReads() {
    return Cap.DRD.isSet(cap);
  }

  /** Returns whether setting the root table pointer invalidates the caches: CAP.ESRTPS. */
  public boolean enhancedSetRootPointer() {
    return Cap.ESRTPS.isSet(cap);
  }

  /** Returns whether the page walk is coherent with the processor's caches: ECAP.C. */
  public boolean coherent() {
    return Ecap.C.isSet(ecap);
  }

  /** Returns whether there is queued invalidation: ECAP.QI. */
  public boolean queuedInvalidation() {
    return Ecap.QI.isSet(ecap);
  }

  /** Returns whether device TLBs are supported: ECAP.DT. */
  public boolean deviceTlb() {
    return Ecap.DT.isSet(ecap);
  }

  /** Returns whether there is interrupt remapping: ECAP.IR. */
  public boolean interruptRemapping() {
    return Ecap.IR.isSet(ecap);
  }

  /** Returns whether interrupts reach 32-bit APIC ids: ECAP.EIM. */
  public boolean extendedInterruptMode() {
    return Ecap.EIM.isSet(ecap);
  }

  /** Returns whether requests can pass through: ECAP.PT. */
  public boolean passThrough() {
    return Ecap.PT.isSet(ecap);
  }

  /** Returns whether a leaf can ask for snooping: ECAP.SC. */
  public boolean snoopControl() {
    return Ecap.SC.isSet(ecap);
  }

  /** Returns the offset of the invalidate address register in bytes: ECAP.IRO. */
  public int iotlbOffset() {
    return 16 * (int) Ecap.IRO.get(ecap);
  }

  /**
   * Returns how many bytes the registers take: one page, or the pages as far as the IOTLB and
   * fault-recording registers reach.
   *
   * <p>Source: {@code drivers/iommu/intel/dmar.c:map_iommu}.
   */
  public int registerBytes() {
    int faultEnd = faultRecordOffset() + faultRecords() * FaultRecord.BYTES;
    int end = Math.max(faultEnd, iotlbOffset() + 16);
    return Math.max(PAGE_BYTES, (int) Pages.alignUp(end));
  }

  /** Returns whether first-level tables may have five levels: CAP.FL5LP. */
  public boolean firstLevelFiveLevels() {
    return Cap.FL5LP.isSet(cap);
  }

  /** Returns whether there is scalable mode: ECAP.SMTS. */
  public boolean scalableMode() {
    return Ecap.SMTS.isSet(ecap);
  }

  /** Returns whether scalable mode has second-level translation: ECAP.SLTS. */
  public boolean secondLevelTranslation() {
    return Ecap.SLTS.isSet(ecap);
  }

  /** Returns whether scalable mode has first-level translation: ECAP.FLTS. */
  public boolean firstLevelTranslation() {
    return Ecap.FLTS.isSet(ecap);
  }

  /** Returns whether an invalidation of a device TLB names the physical function: ECAP.DIT. */
  public boolean throttlesDeviceTlb() {
    return Ecap.DIT.isSet(ecap);
  }

  /** Returns the capabilities with one field changed; it must be a field of {@link Cap}. */
  public Capabilities withCap(BitField field, long value) {
    return new Capabilities(field.replace(cap, value), ecap);
  }

  /** Returns the capabilities with one field changed; it must be a field of {@link Ecap}. */
  public Capabilities withEcap(BitField field, long value) {
    return new Capabilities(cap, field.replace(ecap, value));
  }
}
