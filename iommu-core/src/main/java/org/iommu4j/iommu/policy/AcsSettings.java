package org.iommu4j.iommu.policy;

import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/**
 * What decides, beside the functions themselves, which of them have Access Control Services on.
 *
 * @param requested whether an IOMMU asks for ACS before the buses are scanned
 * @param requestedWhenRead whether that was so on the boot that the configuration space is from
 * @param redirectionOff the text of {@code pci=disable_acs_redir=}, or null without it
 * @param firmwareTables the signatures of the ACPI tables that firmware has
 */
@Immutable
public record AcsSettings(
    boolean requested,
    boolean requestedWhenRead,
    @Nullable String redirectionOff,
    ImmutableSet<String> firmwareTables) {
  /** Returns the settings of a boot on which ACS is asked for, as on the boot that was read. */
  public static AcsSettings asRequested() {
    return new AcsSettings(true, true, null, ImmutableSet.of());
  }
}
