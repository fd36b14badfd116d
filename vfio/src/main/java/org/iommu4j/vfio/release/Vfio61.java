package org.iommu4j.vfio.release;

import org.iommu4j.vfio.type1.Type1Rules;
import org.iommu4j.vfio.type1.Type1Rules.Trait;

/** VFIO in Linux 6.1, as far as it was recorded: 5.10's, and what differs in mapping. */
public final class Vfio61 {
  /**
   * All mappings at once, and their addresses in the process, are taken and moved since 5.12; the
   * mappings of other processes go as well, from the lowest address on: {@code
   * drivers/vfio/vfio_iommu_type1.c:vfio_dma_do_unmap}, {@code vfio_dma_do_map}.
   */
  private static final Type1Rules TYPE1 =
      Type1Rules.of(Trait.TAKES_ALL, Trait.MOVES_MEMORY, Trait.IN_ORDER);

  /** What it does. */
  public static final VfioRules RULES =
      new VfioRules(Vfio510.RULES.viability(), TYPE1, Vfio510.RULES.memlockBytes());

  private Vfio61() {}
}
