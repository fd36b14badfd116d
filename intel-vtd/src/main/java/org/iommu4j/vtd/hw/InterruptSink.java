package org.iommu4j.vtd.hw;

/**
 * Where interrupt messages go. Implementations must be thread-safe; they are called with no lock of
 * the unit held, so they may access its registers.
 */
public interface InterruptSink {
  /** A sink that forgets every message. */
  InterruptSink NONE =
      new InterruptSink() {
        @Override
        public void fromUnit(long address, int data) {}

        @Override
        public void fromDevice(int sourceId, long address, int data) {}
      };

  /** The unit itself signals a fault or a completed invalidation, with the message that was set. */
  void fromUnit(long address, int data);

  /** A device wrote 32 bits to the interrupt window at 0xfee00000. */
  void fromDevice(int sourceId, long address, int data);
}
