package org.iommu4j.iommu.release;

import com.google.errorprone.annotations.Immutable;

/**
 * What a release does in the packages of a module that stands above the core, such as a vendor's.
 *
 * <p>Implementations are immutable records of rules records.
 */
@Immutable
public interface ModuleRules {}
