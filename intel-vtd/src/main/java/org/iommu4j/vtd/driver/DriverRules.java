package org.iommu4j.vtd.driver;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iova.SizeRounding;

/**
 * What releases do differently once the driver is up.
 *
 * @param addresses how many pages of I/O addresses a mapping takes
 * @param faults how a recorded fault is told in the log
 */
@Immutable
public record DriverRules(SizeRounding addresses, FaultForm faults) {}
