package org.iommu4j.vtd.driver;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.ManualTimers;
import org.iommu4j.base.ModelCpus;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.swiotlb.SwiotlbForce;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.iommu4j.vtd.hw.HardwareConfig;
import org.iommu4j.vtd.hw.RemappingHardware;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextCacheInvalidate;
import org.iommu4j.vtd.hw.format.Ecap;
import org.iommu4j.vtd.hw.format.InvalidationDescriptor;
import org.iommu4j.vtd.hw.format.IotlbInvalidate;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.ContextCommand;
import org.iommu4j.vtd.hw.format.RegisterBits.Global;
import org.iommu4j.vtd.hw.format.RegisterBits.InvalidateAddress;
import org.iommu4j.vtd.hw.format.RegisterBits.IotlbCommand;
import org.iommu4j.vtd.hw.format.RegisterBits.Queue;
import org.iommu4j.vtd.policy.RemappingUnit;
import org.iommu4j.vtd.policy.ScopeSpan;
import org.iommu4j.vtd.policy.UnitCapabilities;

/** A unit under its driver, with what the driver asks of the hardware written down. */
final class UnitBench {
  /** A unit with a queue: what QEMU's has, without caching mode and write-buffer flush. */
  static final Capabilities QUEUE = new Capabilities(0xd2_008c_222f_0606L, 0xf0_0f4aL);

  /** The same with scalable mode, which nobody asks for. */
  static final Capabilities WIDE_QUEUE = QUEUE.withEcap(Ecap.SMTS, 1);

  /** The same without a queue. */
  static final Capabilities REGISTERS = QUEUE.withEcap(Ecap.QI, 0);

  private static final String[] GRANULARITIES = {"nothing", "all", "domain", "selected"};

  private final PhysicalMemory memory =
      PhysicalMemory.ofRam(List.of(new PhysRange(1L << 20, 1L << 30)));
  private final List<String> asked = new ArrayList<>();
  private final VtdUnit unit;

  UnitBench(Capabilities capabilities) {
    this(capabilities, false);
  }

  UnitBench(Capabilities capabilities, boolean writeBufferFlushForced) {
    UnitCapabilities registers = new UnitCapabilities(0x10, capabilities, false);
    ScopeSpan scopes = new ScopeSpan(0, 0, 0, false, 0);
    this.unit =
        new VtdUnit(
            new RemappingUnit(0, 0, 0xfed9_0000L, true, registers, false, 2, 2, scopes),
            new Watched(HardwareConfig.of(capabilities, 48)),
            services(),
            false,
            FaultForm.DECIMAL_REASON,
            writeBufferFlushForced);
  }

  private SystemServices services() {
    FrameAllocator frames = new FrameAllocator(memory);
    DeviceLog log = new DeviceLog(line -> {}, () -> 0);
    SwiotlbPool pool =
        SwiotlbPool.absent(Linux510.RULES.swiotlb(), memory, 0, SwiotlbForce.NORMAL, log);
    return new SystemServices(
        Linux510.RULES,
        memory,
        frames,
        frames,
        1 << 18,
        new ManualTimers(),
        new ModelCpus(1),
        line -> {},
        pool,
        HardwareObserver.NONE);
  }

  VtdUnit unit() {
    return unit;
  }

  /** Returns a domain with this id under the unit. */
  DomainUnit domain(int id) {
    return new DomainUnit(unit, id, false);
  }

  /** Returns what was asked of the hardware since the last call, or since it came out of reset. */
  ImmutableList<String> takeAsked() {
    ImmutableList<String> taken = ImmutableList.copyOf(asked);
    asked.clear();
    return taken;
  }

  private static String contexts(long granularity, long domainId, long sourceId) {
    return String.format(
        "contexts %s, domain %d, source %x", GRANULARITIES[(int) granularity], domainId, sourceId);
  }

  private static String iotlb(long granularity, long domainId, String pages) {
    return String.format("iotlb %s, domain %d", GRANULARITIES[(int) granularity], domainId) + pages;
  }

  /** Returns how an address in the format of the invalidate address register reads. */
  private static String pages(long address) {
    return String.format(
        ", from %x mask %d%s",
        address & InvalidateAddress.ADDR.mask(),
        InvalidateAddress.AM.get(address),
        InvalidateAddress.IH.isSet(address) ? " leaves only" : "");
  }

  /** Hardware that writes down commands and invalidations, and does them. */
  private final class Watched extends RemappingHardware {
    private long queuePhys;
    private int head;
    private int descriptorBytes;
    private String pages = "";

    Watched(HardwareConfig config) {
      super(memory, config, HardwareObserver.NONE);
    }

    @Override
    public void write32(int offset, int value) {
      if (offset == Register.GCMD) {
        asked.add("command" + commands(Integer.toUnsignedLong(value)));
      } else if (offset == Register.IQT) {
        descriptors(value);
      }
      super.write32(offset, value);
    }

    @Override
    public void write64(int offset, long value) {
      int iotlbOffset = capabilities().iotlbOffset();
      if (offset == Register.IQA) {
        if ((value & ~Queue.IQA.mask()) != 0) {
          asked.add(
              String.format("queue: width %d, size %d", Queue.DW.get(value), Queue.QS.get(value)));
        }
        queuePhys = Queue.IQA.mask() & value;
        descriptorBytes =
            Queue.DW.isSet(value)
                ? InvalidationDescriptor.WIDE_BYTES
                : InvalidationDescriptor.BYTES;
      } else if (offset == Register.CCMD) {
        asked.add(
            contexts(
                ContextCommand.CIRG.get(value),
                ContextCommand.DID.get(value),
                ContextCommand.SID.get(value)));
      } else if (offset == iotlbOffset) {
        pages = pages(value);
      } else if (offset == iotlbOffset + 8) {
        asked.add(iotlb(IotlbCommand.IIRG.get(value), IotlbCommand.DID.get(value), pages));
        pages = "";
      }
      super.write64(offset, value);
    }

    private String commands(long value) {
      return (Global.TE.isSet(value) ? " TE" : "")
          + (Global.SRTP.isSet(value) ? " SRTP" : "")
          + (Global.WBF.isSet(value) ? " WBF" : "")
          + (Global.QIE.isSet(value) ? " QIE" : "");
    }

    private void descriptors(int tail) {
      while (head != tail) {
        long low = memory.read64(queuePhys + head);
        long high = memory.read64(queuePhys + head + 8);
        int type = (int) InvalidationDescriptor.TYPE.get(low);
        if (type == InvalidationDescriptor.CONTEXT_CACHE) {
          asked.add(
              contexts(
                  ContextCacheInvalidate.G.get(low),
                  ContextCacheInvalidate.DID.get(low),
                  ContextCacheInvalidate.SID.get(low)));
        } else if (type == InvalidationDescriptor.IOTLB) {
          // Its second word is laid out as the invalidate address register is.
          String pages = high == 0 ? "" : pages(high);
          asked.add(iotlb(IotlbInvalidate.G.get(low), IotlbInvalidate.DID.get(low), pages));
        }
        head = (head + descriptorBytes) % (256 * descriptorBytes);
      }
    }
  }
}
