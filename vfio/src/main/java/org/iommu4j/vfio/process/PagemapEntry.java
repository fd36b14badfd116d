package org.iommu4j.vfio.process;

import com.google.errorprone.annotations.Immutable;

/**
 * What {@code /proc/self/pagemap} tells of a page.
 *
 * <p>Source: {@code fs/proc/task_mmu.c:pte_to_pagemap_entry}.
 *
 * @param isPresent whether there is a page
 * @param pfn the number of its frame; 0 if there is none, or if the reader lacks CAP_SYS_ADMIN
 */
@Immutable
public record PagemapEntry(boolean isPresent, long pfn) {}
