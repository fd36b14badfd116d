package org.iommu4j.machine.lspci;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciFunctionFacts;

/**
 * The functions of a listing.
 *
 * @param functions the functions in the listing's order
 * @param gaps what the listing leaves out, and of which functions
 */
@Immutable
public record LspciListing(
    ImmutableList<PciFunctionFacts> functions, ImmutableListMultimap<LspciGap, PciAddress> gaps) {}
