package org.iommu4j.iommu.release;

import com.google.common.collect.ImmutableClassToInstanceMap;
import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import org.iommu4j.base.Release;
import org.iommu4j.dma.DispatchRules;
import org.iommu4j.iommu.domain.DomainTypes;
import org.iommu4j.iommu.domain.GroupRules;
import org.iommu4j.iommu.policy.DefaultDomainRules;
import org.iommu4j.iommu.policy.DetectionRules;
import org.iommu4j.iommu.policy.params.ParameterRules;
import org.iommu4j.iova.IovaRules;
import org.iommu4j.machine.pci.quirks.PciQuirks;
import org.iommu4j.swiotlb.SwiotlbRules;

/**
 * What a release of Linux does, a record for each package that it rules.
 *
 * @param release which one it is
 * @param dispatch what it does with calls of the DMA API before a device's operations see them
 * @param iova how I/O addresses are handed out
 * @param swiotlb how bounce slots are handed out
 * @param parameters which boot parameters it knows
 * @param quirks what it knows of PCI functions that are not as they should be
 * @param detection how it looks for hardware IOMMUs
 * @param defaultDomain which types of domains it has, and what it says of the default
 * @param groups what it does when a group changes its domain
 * @param modules what it does in modules above this one, where that is not what they know of the
 *     release themselves
 */
@Immutable
public record KernelRules(
    Release release,
    DispatchRules dispatch,
    IovaRules iova,
    SwiotlbRules swiotlb,
    ParameterRules parameters,
    PciQuirks quirks,
    DetectionRules detection,
    DefaultDomainRules defaultDomain,
    GroupRules groups,
    ImmutableClassToInstanceMap<ModuleRules> modules) {
  /** Returns the types of domains that the release has. */
  public DomainTypes domainTypes() {
    return defaultDomain.types();
  }

  /** Returns what is said of a module above this one, if anything is. */
  public <T extends ModuleRules> Optional<T> of(Class<T> kind) {
    return Optional.ofNullable(modules.getInstance(kind));
  }

  /** Returns these rules as those of another release. */
  public KernelRules withRelease(Release other) {
    return new KernelRules(
        other,
        dispatch,
        iova,
        swiotlb,
        parameters,
        quirks,
        detection,
        defaultDomain,
        groups,
        modules);
  }

  /** Returns these rules with others for what the DMA API does first. */
  public KernelRules withDispatch(DispatchRules other) {
    return new KernelRules(
        release,
        other,
        iova,
        swiotlb,
        parameters,
        quirks,
        detection,
        defaultDomain,
        groups,
        modules);
  }

  /** Returns these rules with others for I/O addresses. */
  public KernelRules withIova(IovaRules other) {
    return new KernelRules(
        release,
        dispatch,
        other,
        swiotlb,
        parameters,
        quirks,
        detection,
        defaultDomain,
        groups,
        modules);
  }

  /** Returns these rules with others for bounce slots. */
  public KernelRules withSwiotlb(SwiotlbRules other) {
    return new KernelRules(
        release,
        dispatch,
        iova,
        other,
        parameters,
        quirks,
        detection,
        defaultDomain,
        groups,
        modules);
  }

  /** Returns these rules with other boot parameters. */
  public KernelRules withParameters(ParameterRules other) {
    return new KernelRules(
        release, dispatch, iova, swiotlb, other, quirks, detection, defaultDomain, groups, modules);
  }

  /** Returns these rules with other quirks. */
  public KernelRules withQuirks(PciQuirks other) {
    return new KernelRules(
        release,
        dispatch,
        iova,
        swiotlb,
        parameters,
        other,
        detection,
        defaultDomain,
        groups,
        modules);
  }

  /** Returns these rules with others for the search for hardware. */
  public KernelRules withDetection(DetectionRules other) {
    return new KernelRules(
        release,
        dispatch,
        iova,
        swiotlb,
        parameters,
        quirks,
        other,
        defaultDomain,
        groups,
        modules);
  }

  /** Returns these rules with others for default domains. */
  public KernelRules withDefaultDomain(DefaultDomainRules other) {
    return new KernelRules(
        release, dispatch, iova, swiotlb, parameters, quirks, detection, other, groups, modules);
  }

  /** Returns these rules with others for groups that change their domain. */
  public KernelRules withGroups(GroupRules other) {
    return new KernelRules(
        release,
        dispatch,
        iova,
        swiotlb,
        parameters,
        quirks,
        detection,
        defaultDomain,
        other,
        modules);
  }

  /** Returns these rules with others for a module above this one. */
  public <T extends ModuleRules> KernelRules with(Class<T> kind, T other) {
    ImmutableClassToInstanceMap.Builder<ModuleRules> all = ImmutableClassToInstanceMap.builder();
    modules.forEach(
        (known, rules) -> {
          if (known != kind) {
            put(all, known, rules);
          }
        });
    return new KernelRules(
        release,
        dispatch,
        iova,
        swiotlb,
        parameters,
        quirks,
        detection,
        defaultDomain,
        groups,
        all.put(kind, other).build());
  }

  private static <T extends ModuleRules> void put(
      ImmutableClassToInstanceMap.Builder<ModuleRules> all, Class<T> kind, ModuleRules rules) {
    all.put(kind, kind.cast(rules));
  }

  @Override
  public String toString() {
    return "Linux " + release.series();
  }
}
