package org.iommu4j.iommu.policy;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.machine.CommandLine;
import org.jspecify.annotations.Nullable;

/**
 * What decides, beside the functions themselves, which of them have Access Control Services on.
 *
 * @param requested whether an IOMMU asks for ACS before the buses are scanned
 * @param requestedWhenRead whether that was so on the boot that the configuration space is from
 * @param redirectionOff the text of {@code pci=disable_acs_redir=}, or null without it
 * @param amdIommuTable whether firmware has an IVRS table
 */
@Immutable
public record AcsSettings(
    boolean requested,
    boolean requestedWhenRead,
    @Nullable String redirectionOff,
    boolean amdIommuTable) {
  private static final String REDIRECTION_OFF = "disable_acs_redir=";

  /** Returns the settings of a boot on which ACS is asked for, as on the boot that was read. */
  public static AcsSettings asRequested() {
    return new AcsSettings(true, true, null, false);
  }

  /**
   * Returns the text of {@code pci=disable_acs_redir=} of this command line, or null; the last one
   * counts. A comma ends it, since {@code pci=} is cut at commas first.
   *
   * <p>Source: {@code drivers/pci/pci.c:pci_setup}.
   */
  public static @Nullable String redirectionOff(CommandLine commandLine) {
    String found = null;
    for (CommandLine.Parameter parameter : commandLine.parameters()) {
      String value = parameter.value();
      if (!parameter.isNamed("pci") || value == null) {
        continue;
      }
      for (String word : value.split(",", -1)) {
        found = word.startsWith(REDIRECTION_OFF) ? word.substring(REDIRECTION_OFF.length()) : found;
      }
    }
    return found;
  }
}
