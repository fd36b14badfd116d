package org.iommu4j.machine.pci.quirks;

import java.util.BitSet;

/**
 * How a function that masters the bus under foreign device and function numbers picks them.
 *
 * <p>Source: {@code drivers/pci/pci.c:pci_add_dma_alias} and its callers.
 */
public enum DmaAlias {
  /** Function 0 of its slot, for all other functions. */
  FUNCTION_0("quirk_dma_func0_alias") {
    @Override
    void addTo(BitSet aliases, int devfn) {
      if ((devfn & 7) != 0) {
        aliases.set(devfn & ~7);
      }
    }
  },
  /** Function 1 of its slot, for all other functions. */
  FUNCTION_1("quirk_dma_func1_alias") {
    @Override
    void addTo(BitSet aliases, int devfn) {
      if ((devfn & 7) != 1) {
        aliases.set((devfn & ~7) | 1);
      }
    }
  },
  /** Device 1, where a hidden DMA engine sits. */
  DEVICE_1("quirk_fixed_dma_alias") {
    @Override
    void addTo(BitSet aliases, int devfn) {
      aliases.set(1 << 3);
    }
  },
  /** The three numbers that the EEPROM of a MIC x200 bridge translates to. */
  MIC_X200("quirk_mic_x200_dma_alias") {
    @Override
    void addTo(BitSet aliases, int devfn) {
      aliases.set(0x10 << 3);
      aliases.set(0x11 << 3);
      aliases.set(0x12 << 3 | 3);
    }
  },
  /** Functions 0 to 4 of every slot. */
  VISUAL_COMPUTE("quirk_pex_vca_alias") {
    @Override
    void addTo(BitSet aliases, int devfn) {
      for (int slot = 0; slot < 32; slot++) {
        aliases.set(slot << 3, (slot << 3) + 5);
      }
    }
  },
  /** Every number there is. */
  PLX_BRIDGE("quirk_plx_ntb_dma_alias") {
    @Override
    void addTo(BitSet aliases, int devfn) {
      aliases.set(0, 256);
    }
  },
  /** Numbers that stand in the card's own memory, which configuration space does not show. */
  SWITCHTEC_BRIDGE("quirk_switchtec_ntb_dma_alias") {
    @Override
    void addTo(BitSet aliases, int devfn) {}
  };

  private final String function;

  DmaAlias(String function) {
    this.function = function;
  }

  abstract void addTo(BitSet aliases, int devfn);

  /**
   * Returns the numbers that the function at this device and function number uses beside its own.
   */
  public BitSet aliasesOf(int devfn) {
    BitSet aliases = new BitSet(256);
    addTo(aliases, devfn);
    return aliases;
  }

  /** Returns the kernel's file and function. */
  public String source() {
    return "drivers/pci/quirks.c:" + function;
  }
}
