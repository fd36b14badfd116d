package org.iommu4j.dma;

import jdk.jfr.MemoryAddress;
import org.iommu4j.base.trace.KernelCall;
import org.jspecify.annotations.Nullable;

/**
 * What the events of calls have in common that map and unmap buffers for devices, whichever
 * module's functions they are: a type of event adds its name and the kernel's function.
 */
public final class BufferCalls {
  private BufferCalls() {}

  /** A call that answers with an address for a device, or {@link DmaMapping#MAPPING_ERROR}. */
  public abstract static class Mapping extends KernelCall {
    /** What the function returned. */
    @MemoryAddress protected long answer;

    /** Makes the idle event of a type. */
    protected Mapping() {}

    /** Commits a recorded call whose other values are set. */
    protected final void commitWith(long answer) {
      this.answer = answer;
      failed = answer == DmaMapping.MAPPING_ERROR;
      commit();
    }
  }

  /** Operations' {@code map_page}. */
  public abstract static class MapPage extends Mapping {
    /** The device's name. */
    protected @Nullable String device;

    /** The buffer. */
    @MemoryAddress protected long paddr;

    /** Its size in bytes. */
    protected long size;

    /** The kernel's word for the direction. */
    protected @Nullable String dir;

    /** Bits of {@link DmaAttributes}. */
    protected int attrs;

    /** Makes the idle event of a type. */
    protected MapPage() {}

    /** Ends the call. */
    public final void done(
        Device device, long paddr, long size, DmaDirection dir, int attrs, long answer) {
      if (isRecorded()) {
        this.device = device.name();
        this.paddr = paddr;
        this.size = size;
        this.dir = dir.kernelName();
        this.attrs = attrs;
        commitWith(answer);
      }
    }
  }

  /** Operations' {@code unmap_page}. */
  public abstract static class UnmapPage extends KernelCall {
    /** The device's name. */
    protected @Nullable String device;

    /** The buffer's address for the device. */
    @MemoryAddress protected long devAddr;

    /** Its size in bytes. */
    protected long size;

    /** The kernel's word for the direction. */
    protected @Nullable String dir;

    /** Bits of {@link DmaAttributes}. */
    protected int attrs;

    /** Makes the idle event of a type. */
    protected UnmapPage() {}

    /** Ends the call. */
    public final void done(Device device, long devAddr, long size, DmaDirection dir, int attrs) {
      if (isRecorded()) {
        this.device = device.name();
        this.devAddr = devAddr;
        this.size = size;
        this.dir = dir.kernelName();
        this.attrs = attrs;
        commit();
      }
    }
  }
}
