package org.iommu4j.iommu;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.GroupRules;
import org.iommu4j.iommu.domain.GroupRules.Trait;
import org.iommu4j.iommu.paging.DomainPages;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.machine.pci.PciDevice;

/**
 * Gives each group that was decided on its domain, maps what firmware wants mapped, and attaches
 * the group's members.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:bus_iommu_probe}.
 */
final class DomainSetup {
  private final IommuProbe probe;
  private final IommuDriver driver;
  private final GroupDomains attachments;
  private final GroupRules rules;
  private final DirectMappings direct;
  private final DmaFinalizer finalizer;
  private final IommuTracepoints tracepoints;

  private DomainSetup(
      IommuProbe probe,
      IommuDriver driver,
      GroupDomains attachments,
      GroupRules rules,
      DmaFinalizer finalizer,
      IommuTracepoints tracepoints,
      DomainPages pages) {
    this.probe = probe;
    this.driver = driver;
    this.attachments = attachments;
    this.rules = rules;
    this.direct = new DirectMappings(pages, rules.does(Trait.MAPS_DIRECT_RUNS));
    this.finalizer = finalizer;
    this.tracepoints = tracepoints;
  }

  static void run(
      IommuProbe probe,
      IommuDriver driver,
      GroupDomains attachments,
      List<IommuGroup> groups,
      SystemServices services,
      DmaFinalizer finalizer,
      IommuTracepoints tracepoints) {
    DomainSetup setup =
        new DomainSetup(
            probe,
            driver,
            attachments,
            services.rules().groups(),
            finalizer,
            tracepoints,
            new DomainPages(services.log()));
    setup.tellGroups(groups, attachments.devices());
    groups.forEach(setup::setUp);
  }

  private void tellGroups(List<IommuGroup> groups, Set<PciDevice> devices) {
    Map<PciDevice, IommuGroup> groupOf = new HashMap<>();
    groups.forEach(group -> group.members().forEach(member -> groupOf.put(member, group)));
    for (PciDevice device : devices) {
      IommuGroup group = groupOf.get(device);
      if (group != null && !BusProbe.isMadeByDriver(device)) {
        tracepoints.addDeviceToGroup(device.address(), group.id());
      }
    }
  }

  private void setUp(IommuGroup group) {
    DomainType type = group.domainType();
    IommuDomain domain = type == null ? null : driver.allocDomain(type);
    if (domain == null) {
      return;
    }
    group.setDefaultDomain(domain);
    List<PciDevice> atBoot = new ArrayList<>();
    List<PciDevice> late = new ArrayList<>();
    group
        .members()
        .forEach(member -> (BusProbe.isMadeByDriver(member) ? late : atBoot).add(member));
    atBoot.forEach(member -> mapDirect(domain, member));
    atBoot.forEach(member -> attach(domain, member));
    atBoot.forEach(member -> finalizer.run(member, domain));
    late.forEach(member -> hotAdd(domain, member));
  }

  /** Source: {@code drivers/iommu/iommu.c:iommu_probe_device}. */
  private void hotAdd(IommuDomain domain, PciDevice member) {
    boolean mapsFirst = rules.does(Trait.MAPS_BEFORE_LATE_ATTACH);
    if (mapsFirst) {
      mapDirect(domain, member);
    }
    attach(domain, member);
    if (!mapsFirst) {
      mapDirect(domain, member);
    }
    finalizer.run(member, domain);
  }

  private void attach(IommuDomain domain, PciDevice member) {
    if (attachments.attachMember(domain, member) == 0 && !BusProbe.isMadeByDriver(member)) {
      tracepoints.attachDeviceToDomain(member.address());
    }
  }

  private void mapDirect(IommuDomain domain, PciDevice member) {
    IommuTracepoints told = BusProbe.isMadeByDriver(member) ? IommuTracepoints.NONE : tracepoints;
    direct.map(domain, probe.reservedRegions(member), told);
  }
}
