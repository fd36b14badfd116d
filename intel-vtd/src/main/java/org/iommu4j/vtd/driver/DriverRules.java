package org.iommu4j.vtd.driver;

import com.google.errorprone.annotations.Immutable;

/**
 * What releases do differently once the driver is up.
 *
 * @param faults how a recorded fault is told in the log
 */
@Immutable
public record DriverRules(FaultForm faults) {}
