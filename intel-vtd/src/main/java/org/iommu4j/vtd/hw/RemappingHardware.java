package org.iommu4j.vtd.hw;

import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.jspecify.annotations.Nullable;

/**
 * One VT-d DMA-remapping unit, in legacy or scalable mode: its registers towards software, its
 * translation towards devices.
 *
 * <p>Software reaches it through {@link #read32} and its kin and through the tables and the queue
 * in memory; nothing else. A translation that is cached stays in use until software invalidates it,
 * as on real machines. Requests have no PASID. Setting a root table pointer that asks for a mode
 * which the unit does not have throws {@link UnsupportedOperationException}.
 *
 * <p>Thread-safe. A translation that the caches hold takes no lock and allocates nothing; all else
 * holds the unit's one lock. Interrupts are delivered by the calling thread after that lock is
 * released. Source: VT-d 3.3.
 *
 * <p>Open only for those who watch what software does with the registers.
 */
public class RemappingHardware {
  /** What {@link #cached} returns for what the caches do not hold: negative. */
  public static final long NOT_CACHED = Translator.MISS;

  private final Object lock = new Object();
  private final PhysicalMemory memory;
  private final HardwareConfig config;
  private final HardwareObserver observer;
  private final Queue<EventSource.Message> outbox = EventSource.newOutbox();
  private final CommandUnit commands;
  private final Translator translator;
  private final AtomicInteger bursts = new AtomicInteger();
  private volatile InterruptSink interrupts = InterruptSink.NONE;

  /**
   * Makes a unit as it comes out of reset: translation off, queue off, faults masked.
   *
   * @param observer sees what the unit does
   */
  public RemappingHardware(
      PhysicalMemory memory, HardwareConfig config, HardwareObserver observer) {
    this.memory = memory;
    this.config = config;
    this.observer = observer;
    this.commands = new CommandUnit(memory, config, outbox, observer);
    this.translator = commands.translator();
  }

  /** Returns what the unit can do. */
  public Capabilities capabilities() {
    return config.capabilities();
  }

  /** Returns what distinguishes the unit. */
  public HardwareConfig config() {
    return config;
  }

  /** Returns the size of the registers' region in bytes, a multiple of 4 KiB. */
  public int registerBytes() {
    return commands.registers().sizeBytes();
  }

  /** Sets where interrupts go; until then they are lost. */
  public void setInterruptSink(InterruptSink sink) {
    interrupts = sink;
  }

  /** Sets the devices' own caches; until then no device has any. */
  public void setDeviceTlb(DeviceTlb deviceTlb) {
    synchronized (lock) {
      commands.queue().setDeviceTlb(deviceTlb);
    }
  }

  /**
   * Reads 32 bits of the registers.
   *
   * @param offset a multiple of 4; {@link IllegalArgumentException} otherwise
   * @return the bits; all ones beyond the registers' region
   */
  public int read32(int offset) {
    checkOffset(offset, 4);
    synchronized (lock) {
      return offset < registerBytes() ? commands.registers().read32(offset) : -1;
    }
  }

  /** Reads a 64-bit register, whose offset is a multiple of 8; else as {@link #read32}. */
  public long read64(int offset) {
    checkOffset(offset, 8);
    synchronized (lock) {
      return Integer.toUnsignedLong(read32(offset)) | (long) read32(offset + 4) << 32;
    }
  }

  /** Writes 32 bits of the registers; nothing happens beyond their region. */
  public void write32(int offset, int value) {
    checkOffset(offset, 4);
    boolean pending;
    synchronized (lock) {
      if (offset < registerBytes()) {
        commands.registers().write32(offset, value);
        commands.written(offset);
      }
      pending = !outbox.isEmpty();
    }
    deliverIf(pending);
  }

  /** Writes a 64-bit register, whose offset is a multiple of 8, as one access. */
  public void write64(int offset, long value) {
    checkOffset(offset, 8);
    boolean pending;
    synchronized (lock) {
      if (offset < registerBytes()) {
        commands.registers().write32(offset, (int) value);
        commands.registers().write32(offset + 4, (int) (value >>> 32));
        commands.written(offset);
        commands.written(offset + 4);
      }
      pending = !outbox.isEmpty();
    }
    deliverIf(pending);
  }

  /**
   * Translates an untranslated request for some bytes of one 4 KiB page.
   *
   * @param sourceId the requester: bus, device and function in 16 bits
   * @param iova the address that the device puts on the bus
   * @return the physical address, or a negative number that {@link #isRefused} and {@link #refusal}
   *     tell about; a fault has then been recorded
   */
  public long translate(int sourceId, long iova, Access access) {
    if (iova >>> 20 == 0xfee) {
      return Translator.ABORTED;
    }
    if (!commands.isTranslating()) {
      return iova < 0 || commands.protects(iova) ? Translator.ABORTED : iova;
    }
    long phys = translator.lookUp(sourceId, iova, access);
    if (phys != Translator.MISS) {
      return phys;
    }
    boolean pending;
    synchronized (lock) {
      phys = translator.translate(sourceId, iova, access);
      pending = !outbox.isEmpty();
    }
    deliverIf(pending);
    return phys;
  }

  /** Returns whether translation is on. */
  public boolean isTranslating() {
    return commands.isTranslating();
  }

  /**
   * Shows what {@link #translate} meets in memory once no cache holds anything: nothing is cached,
   * no fault is recorded.
   *
   * @param access what the request wants, or null for whatever is granted
   */
  public RequestWalk walk(int sourceId, long iova, @Nullable Access access) {
    synchronized (lock) {
      return translator.inspect(sourceId, iova, access);
    }
  }

  /** Shows what the tables in memory say of a requester, whatever the caches hold. */
  public ContextLookup lookUp(int sourceId) {
    synchronized (lock) {
      return translator.inspect(sourceId);
    }
  }

  /**
   * Returns the physical address that the caches hold for a request, or {@link #NOT_CACHED} if they
   * hold none or refuse it.
   */
  public long cached(int sourceId, long iova, Access access) {
    return translator.lookUp(sourceId, iova, access);
  }

  /** Returns whether {@link #translate} returned a refusal. */
  public static boolean isRefused(long result) {
    return result < 0;
  }

  /** Returns why {@link #translate} refused; null if it did not, or without a remapping fault. */
  public static @Nullable FaultReason refusal(long result) {
    return result < Translator.ABORTED ? FaultReason.ofCode((int) (-1 - result)) : null;
  }

  /**
   * Answers a device's translation request (ATS), which grants nothing while translation is off.
   */
  public AtsCompletion translationRequest(int sourceId, long iova) {
    AtsCompletion answer = AtsCompletion.NOTHING;
    if (commands.isTranslating()) {
      synchronized (lock) {
        answer = translator.answer(sourceId, iova);
      }
      deliverIf(true);
    }
    return answer;
  }

  /** As {@link #translate}, for an address that the device has translated itself. */
  public long translated(int sourceId, long phys, Access access) {
    long result = Translator.ABORTED;
    if (commands.isTranslating()) {
      synchronized (lock) {
        result = translator.passTranslated(sourceId, phys, access);
      }
      deliverIf(true);
    }
    return result;
  }

  /** Returns the memory that devices reach through the unit. */
  PhysicalMemory memory() {
    return memory;
  }

  /** Returns who sees what the unit does. */
  HardwareObserver observer() {
    return observer;
  }

  /** Passes a device's interrupt on. */
  void interrupt(int sourceId, long address, int data) {
    interrupts.fromDevice(sourceId, address, data);
  }

  private static void checkOffset(int offset, int bytes) {
    if (offset < 0 || offset % bytes != 0) {
      throw new IllegalArgumentException(
          String.format("0x%x is no offset of a %d-bit register", offset, bytes * 8));
    }
  }

  /**
   * Runs accesses of a device that are faster than a processor takes interrupts: all interrupts
   * come after the last access.
   */
  public void burst(Runnable accesses) {
    bursts.incrementAndGet();
    try {
      accesses.run();
    } finally {
      bursts.decrementAndGet();
      deliverIf(true);
    }
  }

  /** Sends what is queued; the caller says whether there can be anything. */
  private void deliverIf(boolean pending) {
    while (pending && bursts.get() == 0) {
      EventSource.Message message;
      synchronized (lock) {
        message = outbox.poll();
      }
      if (message == null) {
        return;
      }
      interrupts.fromUnit(message.address(), message.data());
    }
  }
}
