package org.iommu4j.vfio.type1;

import java.util.function.Consumer;
import org.iommu4j.base.Release;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.vfio.process.PageFrames;
import org.iommu4j.vfio.uapi.Type1Parameters;

/**
 * What a container's IOMMU needs of the system. Its parts are thread-safe.
 *
 * @param release the release whose rules hold
 * @param iommu the IOMMU API
 * @param parameters the module's parameters
 * @param frames where its own pages come from
 * @param userFrames the pages of processes
 * @param log takes the kernel's lines
 */
public record Type1Host(
    Release release,
    IommuApi iommu,
    Type1Parameters parameters,
    FrameAllocator frames,
    PageFrames userFrames,
    Consumer<String> log) {}
