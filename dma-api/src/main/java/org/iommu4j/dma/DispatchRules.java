package org.iommu4j.dma;

import com.google.errorprone.annotations.Immutable;

/**
 * What a release does differently before a call of the DMA API gets to a device's operations.
 *
 * <p>Source: {@code kernel/dma/mapping.c}, {@code include/linux/dma-mapping.h}, {@code
 * mm/dmapool.c}.
 *
 * @param resources what can be mapped as registers of another device
 * @param listErrors whether who maps an {@link SgTable} is told why it failed
 * @param syncing when sync calls have nothing to do
 * @param freeBlocks how the pools of coherent blocks keep what is free
 */
@Immutable
public record DispatchRules(
    Resources resources, ListErrors listErrors, Syncing syncing, FreeBlocks freeBlocks) {
  /**
   * What can be mapped as registers of another device.
   *
   * <p>Source: {@code kernel/dma/mapping.c:dma_map_resource}.
   */
  public enum Resources {
    /** What has no place in the memory map. */
    NO_MEMORY,
    /** All. */
    ALL
  }

  /**
   * Whether who maps an {@link SgTable} is told why it failed.
   *
   * <p>Source: {@code kernel/dma/mapping.c:dma_map_sgtable}.
   */
  public enum ListErrors {
    /** No: a failure is -22 (EINVAL). */
    UNTOLD,
    /** Yes. */
    TOLD
  }

  /**
   * When sync calls have nothing to do.
   *
   * <p>Source: {@code kernel/dma/mapping.c:dma_setup_need_sync}.
   */
  public enum Syncing {
    /** When the device's operations find so. */
    ASKED,
    /** From the setting of the device's mask to the first bounce, too. */
    SKIPPED_UNTIL_BOUNCED
  }

  /**
   * How the pools of coherent blocks keep what is free.
   *
   * <p>Source: {@code mm/dmapool.c}.
   */
  public enum FreeBlocks {
    /** In a list a page. */
    PAGEWISE,
    /** In one list. */
    LISTED
  }

  /** Returns these rules with other resources. */
  public DispatchRules withResources(Resources other) {
    return new DispatchRules(other, listErrors, syncing, freeBlocks);
  }

  /** Returns these rules with another way to tell of lists that fail. */
  public DispatchRules withListErrors(ListErrors other) {
    return new DispatchRules(resources, other, syncing, freeBlocks);
  }

  /** Returns these rules with other reasons not to sync. */
  public DispatchRules withSyncing(Syncing other) {
    return new DispatchRules(resources, listErrors, other, freeBlocks);
  }

  /** Returns these rules with another way to keep what is free. */
  public DispatchRules withFreeBlocks(FreeBlocks other) {
    return new DispatchRules(resources, listErrors, syncing, other);
  }
}
