package org.iommu4j.iommu;

import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.iommu.spi.KernelStopped;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MissingFact;

/** What one vendor's driver is offered. */
record VendorContext(
    IommuVendor vendor,
    KernelRules rules,
    Machine machine,
    KernelParameters parameters,
    SystemServices services,
    BootJournal journal)
    implements BootContext {
  @Override
  public void log(String line) {
    journal.log(vendor, line);
  }

  @Override
  public void decide(Decision decision) {
    journal.decide(decision);
  }

  @Override
  public void missing(MissingFact fact) {
    journal.missing(fact);
  }

  @Override
  public KernelStopped stop(Decision decision) {
    decide(decision);
    throw new KernelStopped(decision);
  }
}
