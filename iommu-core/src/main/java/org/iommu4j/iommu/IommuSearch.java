package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.Detection;
import org.iommu4j.iommu.spi.Initialization;
import org.iommu4j.iommu.spi.Initialization.Enabled;
import org.iommu4j.iommu.spi.Interrupts;
import org.iommu4j.iommu.spi.IommuBoot;
import org.iommu4j.iommu.spi.Off;
import org.jspecify.annotations.Nullable;

/**
 * The search for the IOMMU that translates, through the vendors in their order. Used once; each
 * step takes all vendors before the next.
 */
final class IommuSearch {
  private final ImmutableList<IommuBoot> boots;
  private final BootJournal journal;
  private final Set<IommuBoot> found = new LinkedHashSet<>();
  private @Nullable Off off;

  IommuSearch(List<IommuBoot> boots, BootJournal journal) {
    this.boots = ImmutableList.copyOf(boots);
    this.journal = journal;
  }

  /**
   * Looks for each vendor's hardware. If there is none, the reason is the first vendor's.
   *
   * <p>Source: {@code arch/x86/kernel/pci-dma.c:pci_iommu_alloc}.
   */
  void detect() {
    for (IommuBoot boot : boots) {
      Detection detection = boot.detect();
      journal.decide(detection.decision());
      if (detection instanceof Off absent) {
        off = off == null && found.isEmpty() ? absent : off;
      } else {
        found.add(boot);
      }
    }
  }

  /** Notes that no hardware is looked for. */
  void skip(Off because) {
    off = because;
  }

  /**
   * Returns what becomes of interrupts: the first vendor that can remap them does. If none can, the
   * reason is that of a vendor whose hardware is there.
   *
   * <p>Source: {@code drivers/iommu/irq_remapping.c:irq_remapping_prepare}.
   */
  Interrupts prepareInterrupts() {
    Interrupts interrupts = Interrupts.NOBODY_ASKED;
    for (IommuBoot boot : boots) {
      Interrupts prepared = boot.prepareInterrupts();
      boolean first = boot == boots.get(0);
      boolean better = first || prepared.remapped() || found.contains(boot);
      interrupts = better && !interrupts.remapped() ? prepared : interrupts;
    }
    return interrupts;
  }

  /** Returns the drivers whose hardware was detected. */
  ImmutableList<IommuBoot> found() {
    return ImmutableList.copyOf(found);
  }

  /** Returns all drivers. */
  ImmutableList<IommuBoot> all() {
    return boots;
  }

  /** Initialises what was detected until something translates; null if nothing does. */
  @Nullable Enabled initialize(DomainType defaultType) {
    for (IommuBoot boot : found) {
      Initialization done = boot.initialize(defaultType);
      journal.decide(done.decision());
      if (done instanceof Enabled enabled) {
        return enabled;
      }
      off = (Off) done;
    }
    return null;
  }

  /** Returns why nothing translates; null if there is no vendor to ask. */
  @Nullable Off off() {
    return off;
  }

  /** Returns whether any vendor's boot parameters ask for strict unmapping. */
  boolean isStrict() {
    return boots.stream().anyMatch(IommuBoot::isStrict);
  }
}
