package org.iommu4j.vfio.uapi;

import com.google.errorprone.annotations.Immutable;

/**
 * What VFIO_IOMMU_UNMAP_DMA answers.
 *
 * @param error 0 or a negative error number
 * @param sizeBytes how much was unmapped, which may be more or less than asked; 0 after an error
 */
@Immutable
public record UnmapResult(int error, long sizeBytes) {}
