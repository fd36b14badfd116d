package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.Cap;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.Ecap;

/**
 * The abilities in which units may differ, in the order in which the kernel compares them.
 *
 * <p>Source: {@code drivers/iommu/intel/cap_audit.c:check_dmar_capabilities}, {@code
 * check_irq_capabilities}.
 */
final class AbilityRows {
  /** Those that matter to DMA. */
  static final ImmutableList<Row> DMA =
      ImmutableList.of(
          cap("fl5lp_support", Cap.FL5LP),
          cap("fl1gp_support", Cap.FL1GP),
          cap("read_drain", Cap.DRD),
          cap("write_drain", Cap.DWD),
          cap("pgsel_inv", Cap.PSI),
          cap("zlr", Cap.ZLR),
          cap("caching_mode", Cap.CM),
          cap("phmr", Cap.PHMR),
          cap("plmr", Cap.PLMR),
          cap("rwbf", Cap.RWBF),
          cap("afl", Cap.AFL),
          ecap("rps", Ecap.RPS),
          ecap("smpwc", Ecap.SMPWCS),
          ecap("flts", Ecap.FLTS),
          ecap("slts", Ecap.SLTS),
          ecap("nwfs", Ecap.NWFS),
          ecap("slads", Ecap.SLADS),
          ecap("vcs", Ecap.VCS),
          ecap("smts", Ecap.SMTS),
          ecap("pds", Ecap.PDS),
          ecap("dit", Ecap.DIT),
          ecap("pasid", Ecap.PASID),
          ecap("eafs", Ecap.EAFS),
          ecap("srs", Ecap.SRS),
          ecap("ers", Ecap.ERS),
          ecap("prs", Ecap.PRS),
          ecap("nest", Ecap.NEST),
          ecap("mts", Ecap.MTS),
          ecap("sc_support", Ecap.SC),
          ecap("pass_through", Ecap.PT),
          ecap("dev_iotlb_support", Ecap.DT),
          ecap("qis", Ecap.QI),
          ecap("coherent", Ecap.C));

  /** Those that matter to interrupts. */
  static final ImmutableList<Row> INTERRUPTS =
      ImmutableList.of(cap("pi_support", Cap.PI), ecap("eim_support", Ecap.EIM));

  /**
   * One ability.
   *
   * @param word the kernel's word for it
   * @param extended whether it is a field of the extended capability register
   * @param field the field
   */
  @Immutable
  record Row(String word, boolean extended, BitField field) {
    long of(Capabilities unit) {
      return field.get(extended ? unit.ecap() : unit.cap());
    }
  }

  private AbilityRows() {}

  private static Row cap(String word, BitField field) {
    return new Row(word, false, field);
  }

  private static Row ecap(String word, BitField field) {
    return new Row(word, true, field);
  }
}
