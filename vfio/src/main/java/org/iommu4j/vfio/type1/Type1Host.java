package org.iommu4j.vfio.type1;

import java.util.function.Consumer;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.vfio.process.PageFrames;
import org.iommu4j.vfio.uapi.Type1Parameters;

/**
 * What a container's IOMMU needs of the system. Its parts are thread-safe.
 *
 * @param rules how memory is mapped and unmapped
 * @param iommu the IOMMU API
 * @param parameters the module's parameters
 * @param frames where its own pages come from
 * @param userFrames the pages of processes
 * @param log takes the kernel's lines
 */
public record Type1Host(
    Type1Rules rules,
    IommuApi iommu,
    Type1Parameters parameters,
    FrameAllocator frames,
    PageFrames userFrames,
    Consumer<String> log) {}
