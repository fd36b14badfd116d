package org.iommu4j.vtd.policy;

import com.google.errorprone.annotations.Immutable;

/**
 * Where a structure's device scopes are in the table, and how many slots for devices they make.
 *
 * @param structureOffset where the structure starts
 * @param from where its scopes start
 * @param to where the structure ends
 * @param copied whether the kernel keeps a copy of the structure rather than the table's own bytes
 * @param slots how many scopes can name a device (endpoints, bridges, namespace devices)
 */
@Immutable
public record ScopeSpan(int structureOffset, int from, int to, boolean copied, int slots) {}
