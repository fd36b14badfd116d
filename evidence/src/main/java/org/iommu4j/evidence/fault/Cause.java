package org.iommu4j.evidence.fault;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;

/**
 * Something that may be behind a refused request.
 *
 * @param name a few stable words
 * @param explanation what happens then
 * @param speaksFor what of the line and the machine speaks for it
 * @param speaksAgainst what speaks against it
 */
@Immutable
public record Cause(
    String name,
    String explanation,
    ImmutableList<String> speaksFor,
    ImmutableList<String> speaksAgainst) {}
