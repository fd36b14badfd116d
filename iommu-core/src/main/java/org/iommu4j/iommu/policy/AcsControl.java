package org.iommu4j.iommu.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;

/**
 * The Access Control Services of one function once the kernel has set them up.
 *
 * @param present whether there is an ACS capability
 * @param capability the capability register, or 0
 * @param control the control register, or 0
 * @param chipsetIsolates whether the kernel found other registers that do the same
 * @param because how it came to that, one step a line
 */
@Immutable
public record AcsControl(
    boolean present,
    int capability,
    int control,
    boolean chipsetIsolates,
    ImmutableList<String> because) {}
