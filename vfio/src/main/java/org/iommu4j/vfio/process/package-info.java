/**
 * Processes and their memory: virtual mappings, page frames behind them, pins, and the account of
 * locked pages.
 */
@NullMarked
package org.iommu4j.vfio.process;

import org.jspecify.annotations.NullMarked;
