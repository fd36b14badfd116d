package org.iommu4j.vtd.dmar;

import com.google.errorprone.annotations.Immutable;

/**
 * A structure with its place in the table.
 *
 * @param offset where it starts, in bytes from the start of the table
 * @param length the length that it gives itself
 * @param structure what it says
 */
@Immutable
public record DmarEntry(int offset, int length, DmarStructure structure) {}
